import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { cacheRoot } from "../../src/base/mod.ts";
import { readTree, type StepResult, treeSize } from "../../src/engine/mod.ts";
import type { Figure } from "./figure.ts";

const megabyte = 1e6;
const fileSize = (path: string) => statSync(path).size / megabyte;

/** How large the parts of the `cloud` image are, as the store has them from the last build. */
export const sizes: Figure[] = [
  { what: "`/usr` of the root tree", unit: "MB", reach: 50, measure: usrSize },
  { what: "root as erofs", unit: "MB", reach: 25, measure: async () => fileSize(rootImage()) },
  { what: "root over the wire (zstd 19)", unit: "MB", reach: 18, measure: compressedRootSize },
  { what: "UKI", unit: "MB", reach: 12, measure: async () => fileSize(uki()) },
  {
    what: "a release: root, hash tree, UKI",
    unit: "MB",
    reach: 40,
    measure: async () =>
      fileSize(rootImage()) + fileSize(join(outputOf("cloud:verity"), "root.verity")) + fileSize(uki()),
  },
  { what: "live ISO", unit: "MB", measure: async () => fileSize(join(outputOf("cloud:iso"), "cloud.iso")) },
];

const rootImage = () => join(outputOf("cloud:verity"), "root.erofs");
const uki = () => join(outputOf("cloud:uki"), "cloud.efi");

async function usrSize(): Promise<number> {
  return treeSize(await readTree(join(outputOf("cloud:root"), "usr"))) / megabyte;
}

async function compressedRootSize(): Promise<number> {
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_windowLog]: 27 };
  return zstdCompressSync(readFileSync(rootImage()), { params }).length / megabyte;
}

/** The output tree of a step that was used last. */
function outputOf(step: string): string {
  const results = join(cacheRoot(), "results");
  const [newest] = readdirSync(results)
    .map((name) => join(results, name))
    .map((path) => ({ used: statSync(path).mtimeMs, result: JSON.parse(readFileSync(path, "utf8")) as StepResult }))
    .filter(({ result }) => result.step === step)
    .sort((a, b) => b.used - a.used);
  if (!newest) throw new Error(`The store has no output of "${step}"; build the image first`);
  return join(cacheRoot(), "objects", newest.result.output);
}
