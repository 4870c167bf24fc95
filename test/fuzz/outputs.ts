import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { loweredKey, ranFile } from "../../src/engine/docker/dockerfile.ts";
import { stageName } from "../../src/engine/docker/stage-name.ts";
import { takeOutputs } from "../../src/engine/docker/take-outputs.ts";
import { openStore, readTree, treeDigest } from "../../src/engine/mod.ts";
import { readResult } from "../../src/engine/store/store.ts";
import type { Step } from "../../src/graph/mod.ts";
import { tarEntries, tarOf } from "./formats.ts";
import { spoiledOf, spoiledText } from "./spoil.ts";
import { fileTarget, type Target } from "./target.ts";

const step = (id: string, needs: readonly string[]): [string, Step] => {
  const inputs = needs.map((need) => ({ kind: "step", step: need, mount: `/needs/${need}` }) as const);
  return [id, { id, at: `recipes/${id}/recipe.ts:1`, script: id, env: {}, inputs }];
};
const steps = new Map([step("musl", []), step("zlib", ["musl"]), step("zlib:test", ["zlib"])]);

const nowhere = () => {
  throw new Error("These steps have no source");
};
const sources = { choose: nowhere, has: nowhere, ensure: nowhere };
const toolbox = { digest: "t" };

const ran = [...steps.values()]
  .map((one) => `${loweredKey(one, { toolbox, choose: nowhere }, () => undefined)}  ${stageName(one.id)}\n`)
  .join("");
const file = (name: string, text: string) => ({ name, linkname: "", type: "file" as const, mode: 0o644, text });
const folder = (name: string) => ({ name, linkname: "", type: "directory" as const, mode: 0o755, text: "" });
const brought = [
  ...[folder("musl/"), file("musl/libc.so", "c"), folder("zlib/"), file("zlib/libz.so", "z")],
  { ...file("zlib/libz.so.1", ""), linkname: "libz.so", type: "symlink" as const },
  folder("zlib.test/"),
];
const whole = await tarOf([...brought, file(ranFile, ran)], "");

/** What a build by Docker brought out, which `hadron store import` takes. */
export const outputs: readonly Target[] = [
  fileTarget({
    name: "an archive of outputs from Docker",
    few: 10,
    inputs: fc.oneof(
      spoiledOf(fc.constant(whole)),
      fc.record({ text: spoiledText([ran]), before: tarEntries, after: tarEntries }),
    ),
    read: async (input, { folder: place, outside }) => {
      const archive = join(place, "outputs.tar");
      const bytes = Buffer.isBuffer(input)
        ? input
        : await tarOf([...input.before, ...brought, file(ranFile, input.text), ...input.after], outside);
      await writeFile(archive, bytes);
      const store = await openStore(join(place, "store"));
      const taking = takeOutputs(steps, archive, { store, toolbox, sources, signal: new AbortController().signal });
      const [outcome] = await Promise.allSettled([taking]);
      await assertSound(store.root);
      if (outcome.status === "rejected") throw outcome.reason;
      for (const { step: id } of outcome.value) if (!steps.has(id)) throw new Error(`There is no step "${id}"`);
    },
  }),
];

/** Whatever came in is what its name says, under a key that names it, and nothing else was left. */
async function assertSound(root: string): Promise<void> {
  for (const digest of await readdir(join(root, "objects")))
    if (treeDigest(await readTree(join(root, "objects", digest))) !== digest)
      throw new Error("An output was taken under another one's digest");
  for (const name of await readdir(join(root, "results"))) {
    const result = await readResult(join(root, "results", name));
    if (!result || !steps.has(result.step)) throw new Error("A result of no step was remembered");
  }
  if ((await readdir(join(root, "work"))).length > 0) throw new Error("Something was left half-done");
}
