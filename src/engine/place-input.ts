import type { StepInput } from "../graph/mod.ts";
import type { SourceProvider } from "./build-options.ts";
import { pinsText } from "./input-digest.ts";
import type { PlacedInput } from "./sandbox/step-run.ts";

/** An input of a step with the place of its bytes on this machine; a source is fetched if need be. `tree` is where another step's output lies. */
export async function placeInput(input: StepInput, sources: SourceProvider, tree = ""): Promise<PlacedInput> {
  const { mount } = input;
  switch (input.kind) {
    case "step":
      return { kind: "tree", name: input.step, host: tree, mount };
    case "pins":
      return { kind: "text", name: "pins", text: pinsText(input.sources, (name) => sources.choose(name)), mount };
    case "files":
      return { kind: "files", name: input.directory, host: input.directory, mount, digest: input.digest };
    case "source": {
      const { path, sha256, origin } = await sources.ensure(input.source);
      return {
        kind: "file",
        name: input.source,
        host: path,
        mount,
        source: { name: input.source, sha256, origin },
      };
    }
  }
}
