import { resolve } from "node:path";
import { HadronError } from "../base/mod.ts";
import { formatBytes, renderSizePage, renderTable } from "../report/mod.ts";
import { sizedParts, usrSizes } from "../rootfs/mod.ts";
import type { Context } from "./command.ts";
import { prepareSigning, signedGraph } from "./module-signing.ts";
import { openProject } from "./project.ts";
import type { Input } from "./table.ts";
import { openWorkshop } from "./workshop.ts";
import { writeText } from "./write-text.ts";

/** What `hadron image NAME --size-report --json` prints. */
export interface SizeReport {
  image: string;
  /** Bytes of the regular files in `/usr`, uncompressed. */
  total: number;
  /** Largest first. */
  components: { name: string; bytes: number }[];
}

/** Builds the root tree, as far as the store doesn't have it, and writes the page where one was asked for. */
export async function reportSizes(input: Input<"image">, context: Context): Promise<SizeReport> {
  const { image: name, as, output } = input;
  if (as !== undefined)
    throw new HadronError("Option --as has no meaning with --size-report", {
      kind: "usage",
      code: "USAGE_OPTION",
      hint: "Leave one of them out: a report is written instead of an artifact",
    });
  const page = output === undefined ? undefined : resolve(output);
  if (page !== undefined && !/\.html?$/.test(page))
    throw new HadronError(`Option --output has the value "${output}", expected a file that ends in .html`, {
      kind: "usage",
      code: "USAGE_VALUE",
      hint: "With --size-report it is where the page with the treemap goes",
    });
  const project = await openProject(input.arch, context, { images: [name] });
  const [image] = project.images;
  if (!image) throw new Error(`No image "${name}"`);
  const parts = sizedParts({ image, recipes: project.recipes });
  const wanted = [`${name}:root`, ...parts];
  const signing = await prepareSigning(project, wanted, input);
  await using workshop = await openWorkshop(project, input, context);
  await using signed = await signedGraph(project.graph, signing, workshop.options);
  const built = await workshop.build(signed.graph, wanted);
  const pathOf = (step: string): string => built.get(step)?.path ?? "";
  const sizes = usrSizes(pathOf(`${name}:root`), Object.fromEntries(parts.map((part) => [part, pathOf(part)])));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (page !== undefined) {
    await writeText(page, renderSizePage({ image: name, total, components: sizes }), "SIZE_REPORT_OUTPUT");
  }
  return { image: name, total, components: sizes.map((part) => ({ name: part.name, bytes: part.bytes })) };
}

export function renderSizeReport({ total, components }: SizeReport, page?: string): string {
  const share = (bytes: number) => `${(total === 0 ? 0 : (100 * bytes) / total).toFixed(1)} %`;
  const rows = components.map(({ name, bytes }) => [name, formatBytes(bytes), share(bytes)]);
  const table = renderTable(["component", "/usr", "share"], [...rows, ["all", formatBytes(total), share(total)]]);
  return page === undefined ? table : `${table}\nWritten to ${resolve(page)}\n`;
}
