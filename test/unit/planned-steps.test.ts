import { expect, it } from "vitest";
import { canonicalJson, sha256 } from "../../src/base/mod.ts";
import type { StepInput } from "../../src/graph/mod.ts";
import { projectGraph } from "../project-graph.ts";

/** One of each way to build, and of each kind of step that makes an image. */
const pinned = [
  ...["binutils", "gcc", "toolchain", "musl"],
  ...["zlib", "zlib:test", "util-linux", "systemd", "json-c", "busybox", "linux"],
  ...["cloud:root", "cloud:initrd", "cloud:verity", "cloud:uki", "cloud:disk", "cloud:layers"],
];

const meaning =
  "A step is planned otherwise than before, so it is built anew everywhere, and all that follows from it. Where that is meant: " +
  "npx vitest run --project unit test/unit/planned-steps.test.ts -u";

/** Where inputs are and which steps they are of: not their bytes, which change with every version. */
function placeOf(input: StepInput): object {
  const { kind, mount } = input;
  if (kind === "step") return { kind, mount, step: input.step };
  return kind === "source" ? { kind, mount, source: input.source } : { kind, mount };
}

it("steps of the project are planned as they have been: script, environment and inputs", async () => {
  const { steps } = await projectGraph();
  const lines = pinned.map((id) => {
    const step = steps.get(id);
    if (step === undefined) throw new Error(`The project has no step "${id}"`);
    const { script, env, inputs } = step;
    return `${sha256(canonicalJson({ script, env, inputs: inputs.map(placeOf) }))}  ${id}\n`;
  });
  await expect(lines.join(""), meaning).toMatchFileSnapshot("golden/planned-steps.txt");
});
