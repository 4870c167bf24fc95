import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../src/base/mod.ts";
import { type Artifact, artifacts } from "../../src/image/mod.ts";
import { isBootable, partitionDefinitions } from "../../src/rootfs/mod.ts";
import { componentRows, imageRows, tally } from "./component-table.ts";
import type { Facts } from "./facts.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { markdownTable } from "./markdown-table.ts";

/** What stands for `<!-- generated: NAME -->` in a page: made from what the program itself works with. */
export const generated: Readonly<Record<string, (facts: Facts) => string>> = {
  components: componentRows,
  tally,
  images: imageRows,
  artifacts: () =>
    markdownTable(
      ["`--as`", "what", "from"],
      Object.entries<Artifact>(artifacts).map(([kind, { summary, isContainer }]) => [
        `\`${kind}\``,
        summary,
        isContainer ? "any image" : "an image with a kernel",
      ]),
    ),
  partitions: (facts) => partitionRows(facts),
  "command-line": ({ images }) =>
    images
      .filter(isBootable)
      .map(({ name, commandLine }) => `\`${name}\`:\n\n    ${commandLine.join("\n    ")}\n`)
      .join("\n"),
  units: () =>
    `${enabledUnits()
      .map((unit) => `- \`${unit}\``)
      .join("\n")}\n`,
  decisions: ({ decisions }) => `${[...decisions].map(([file, title]) => `- [${title}](adr/${file})`).join("\n")}\n`,
  "recipe-fields": () => fieldTable(fieldsOf("src/recipe/recipe.ts", "interface RecipeFields")),
  "build-context": () => fieldTable(fieldsOf("src/recipe/recipe.ts", "interface BuildContext")),
  target: () => fieldTable(fieldsOf("src/recipe/target.ts", "interface Target")),
  "builder-common": () => fieldTable(fieldsOf("src/recipe/builders.ts", "interface Common")),
  autotools: () => fieldTable(fieldsOf("src/recipe/builders.ts", "interface Autotools")),
  meson: () => fieldTable(fieldsOf("src/recipe/builders.ts", "interface Meson")),
  cmake: () => fieldTable(fieldsOf("src/recipe/builders.ts", "interface CMake")),
  "image-fields": () => fieldTable(fieldsOf("src/rootfs/image.ts", "interface ImageFields")),
  "boot-fields": () => fieldTable(fieldsOf("src/rootfs/image.ts", "interface BootFields")),
  "source-fields": () => fieldTable(fieldsOf("src/engine/sources/lock.ts", "const source = z.strictObject")),
  "candidate-fields": () => fieldTable(fieldsOf("src/engine/sources/lock.ts", "const candidate = z.strictObject")),
  "signature-fields": () =>
    fieldTable(fieldsOf("src/engine/sources/lock.ts", "const upstreamSignature = z.strictObject")),
  "package-fields": () => fieldTable(fieldsOf("src/engine/toolbox/lock.ts", "const lockedPackage = z.strictObject")),
};

/** Puts the tables in. @throws Error for a name that no table has */
export function fillIn(markdown: string, facts: Facts): string {
  return markdown.replace(/^<!-- generated: ([a-z-]+) -->$/gm, (_, name: string) => {
    const make = generated[name];
    if (make === undefined)
      throw new Error(`No table is called "${name}"; known: ${Object.keys(generated).join(", ")}`);
    return make(facts).trimEnd();
  });
}

function fieldTable(fields: readonly Field[]): string {
  const withTypes = fields.some(({ type }) => type !== "");
  const withNeed = fields.some(({ optional }) => optional);
  const head = ["field", ...(withTypes ? ["type"] : []), ...(withNeed ? ["needed"] : []), "what"];
  const rows = fields.map(({ name, type, optional, summary }) => [
    `\`${name}\``,
    ...(withTypes ? [type === "" ? "" : `\`${type}\``] : []),
    ...(withNeed ? [optional ? "no" : "yes"] : []),
    summary.replace(/\{@link (\w+)\}/g, "`$1`"),
  ]);
  return markdownTable(head, rows);
}

function partitionRows({ images }: Facts): string {
  const rows = images.filter(isBootable).flatMap((image) =>
    Object.entries(partitionDefinitions(image)).map(([file, text]) => {
      const value = (key: string) => new RegExp(`^${key}=(.*)$`, "m").exec(text)?.[1] ?? "";
      const size = value("SizeMaxBytes") === "" ? `the rest, at least ${value("SizeMinBytes")}` : value("SizeMaxBytes");
      return [image.name, file.replace(/^\d+-|\.conf$/g, ""), `\`${value("Type")}\``, size];
    }),
  );
  return markdownTable(["image", "partition", "type", "size"], rows);
}

function enabledUnits(): string[] {
  const preset = readFileSync(join(projectRoot, "os/usr/lib/systemd/system-preset/00-hadron.preset"), "utf8");
  return [...preset.matchAll(/^enable (\S+)$/gm)].map(([, unit = ""]) => unit);
}
