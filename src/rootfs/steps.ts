import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HadronError, projectRoot } from "../base/mod.ts";
import { baseEnvironment, crossEnvironment, filesInput, libsOf, type Step, type StepInput } from "../graph/mod.ts";
import { developmentExceptions, developmentFiles } from "./development-contents.ts";
import { type Image, isBootable } from "./image.ts";
import {
  initrdFiles,
  initrdFolders,
  initrdLibraries,
  initrdLinks,
  initrdPrograms,
  initrdStarts,
  initrdUnits,
} from "./initrd-contents.ts";
import { tpm2Files, tpm2Libraries, tpm2Programs, tpm2Starts, tpm2Units } from "./initrd-tpm2.ts";
import { partitionDefinitions } from "./partitions.ts";
import { componentsOf, ownerPlace, ownersOf, type RootfsPlan } from "./plan.ts";
import { bootFiles, droppedFiles, droppedStarts, keptConfiguration, rootFolders, rootLinks } from "./root-contents.ts";
import { sbomFacts, sbomScript } from "./sbom/mod.ts";
import { bashArray, bashPairs, singleQuoted } from "./shell-data.ts";

/**
 * `<image>:root`: the root tree, with users and started units settled, stripped, nothing in it that only builds or reads, unless it is for
 * development, and the bill of materials of it all.
 */
export function rootStep(plan: RootfsPlan): Step {
  const { image } = plan;
  const facts = sbomFacts(plan);
  const owners = ownersOf(plan);
  const definitions = isBootable(image) ? partitionDefinitions(image) : {};
  const generated = Object.entries(definitions).map(
    ([name, text]) => `cat > /out/usr/lib/repart.d/${name} <<'END'\n${text}END\n`,
  );
  return step(plan, "root", {
    inputs: [
      // Parts of the toolchain lie at /cross already.
      ...componentsOf(plan)
        .filter(({ output }) => output !== "cross")
        .map((component) => at(component.name, "/sysroot")),
      at("toolchain", "/cross"),
      ...(image.kernel === undefined ? [] : [at(image.kernel.name, "/needs/kernel")]),
      projectFiles("os", "/needs/os"),
      ...(usesTpm2(image) ? [projectFiles("os-tpm2", "/needs/os")] : []),
      ...owners.map((owner) => at(owner.name, `/needs/${ownerPlace(owner)}`)),
      { kind: "pins", sources: [...facts.sources.keys()], mount: "/needs/pins" },
    ],
    script: [
      `image=${singleQuoted(image.name)}\nversion=${singleQuoted(image.version)}\n`,
      bashArray("dropped_files", droppedFiles),
      bashArray("left_out", isBootable(image) ? [] : bootFiles),
      bashArray("kept_configuration", keptConfiguration),
      bashArray("dropped_starts", droppedStarts),
      bashPairs("links", rootLinks),
      bashPairs("folders", rootFolders),
      `write_generated() {\nmkdir -p /out/usr/lib/repart.d\n${generated.join("")}}\n`,
      shellPart("check-ids.sh"),
      shellPart("build-root.sh"),
      ...(image.development ? developmentParts() : []),
      // Last: it says what is there, and with which bytes.
      sbomScript(
        facts,
        owners.map(({ name }) => name),
        { needs: "/needs", work: "/build", out: "/out" },
      ),
    ],
  });
}

function developmentParts(): string[] {
  return [
    bashArray("development_files", developmentFiles),
    bashArray("development_exceptions", developmentExceptions),
    shellPart("build-development.sh"),
  ];
}

/**
 * `<image>:initrd`: `initrd.cpio.zst`, which finds, verifies and mounts the root and switches to it. A part of the root tree,
 * and what is in `os-initrd/`, which holds before the switch only.
 */
export function initrdStep(plan: RootfsPlan): Step {
  const withTpm2 = (names: readonly string[], more: readonly string[]) =>
    usesTpm2(plan.image) ? [...names, ...more] : names;
  return step(plan, "initrd", {
    inputs: [
      ...packers(plan),
      at("toolchain", "/cross"),
      at(`${plan.image.name}:root`, "/needs/root"),
      projectFiles("os-initrd", "/needs/os-initrd"),
    ],
    script: [
      bashArray("programs", withTpm2(initrdPrograms, tpm2Programs)),
      bashArray("libraries", withTpm2(initrdLibraries, tpm2Libraries)),
      bashArray("units", withTpm2(initrdUnits, tpm2Units)),
      bashPairs("starts", { ...initrdStarts, ...(usesTpm2(plan.image) ? tpm2Starts : {}) }),
      bashArray("files", withTpm2(initrdFiles, tpm2Files)),
      bashPairs("links", initrdLinks),
      bashPairs("folders", initrdFolders),
      shellPart("build-initrd.sh"),
      shellPart("pack-initrd.sh"),
    ],
  });
}

/** `<image>:live-initrd`: `initrd.cpio.zst` with the whole root tree, which runs from memory. */
export function liveInitrdStep(plan: RootfsPlan): Step {
  return step(plan, "live-initrd", {
    inputs: [...packers(plan), at(`${plan.image.name}:root`, "/needs/root")],
    script: [shellPart("build-live-initrd.sh"), shellPart("pack-initrd.sh")],
  });
}

function step(plan: RootfsPlan, part: string, fields: { inputs: StepInput[]; script: string[] }): Step {
  return {
    id: `${plan.image.name}:${part}`,
    at: plan.at,
    script: fields.script.join(""),
    env: { ...baseEnvironment(plan.target), ...crossEnvironment(plan.target) },
    inputs: fields.inputs,
  };
}

function packers({ recipes }: RootfsPlan): StepInput[] {
  const names = new Set<string>();
  for (const name of ["gen-init-cpio", "zstd"]) {
    const recipe = recipes.get(name);
    if (!recipe)
      throw new HadronError(`No component is called "${name}", which packs the initrd`, {
        kind: "input",
        code: "COMPONENT_UNKNOWN",
        hint: `Add recipes/${name}/recipe.ts`,
      });
    for (const need of [recipe, ...libsOf(recipe, recipes)]) names.add(need.name);
  }
  return [...names].sort().map((name) => at(name, "/sysroot"));
}

function usesTpm2(image: Image): boolean {
  return isBootable(image) && image.varEncryption === "tpm2";
}

function projectFiles(folder: string, mount: string): StepInput {
  const files = filesInput(join(projectRoot, folder), mount);
  if (files) return files;
  throw new Error(`The folder ${folder}/ is empty`);
}

function at(step: string, mount: string): StepInput {
  return { kind: "step", step, mount };
}

function shellPart(name: string): string {
  return readFileSync(join(import.meta.dirname, name), "utf8");
}
