import { writeArtifact } from "../../image/mod.ts";
import { formatBytes, renderFacts } from "../../report/mod.ts";
import { buildArtifact } from "../build-artifact.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand("image", {
  run: async (input, context) => {
    const { image, as, arch } = input;
    const { emit, signal } = context;
    const built = await buildArtifact(image, as, { input, again: input.cache === "no", context });
    signal.throwIfAborted();
    const written = await writeArtifact({ ...built, output: built.folder, to: input.output, emit, signal });
    return { image, as, arch, output: written.path, size: written.bytes, sha256: written.sha256, key: built.key };
  },
  render: ({ output, size, sha256 }) => renderFacts({ output, size: formatBytes(size), "sha-256": sha256 }),
});
