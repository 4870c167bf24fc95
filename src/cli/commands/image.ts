import { resolve } from "node:path";
import { sha256OfFile } from "../../base/mod.ts";
import { formatBytes, renderFacts } from "../../report/mod.ts";
import { buildArtifact } from "../build-artifact.ts";
import { defineCommand } from "../command.ts";
import { copySparse } from "../copy-sparse.ts";

export const command = defineCommand("image", {
  run: async (input, context) => {
    const { image, as, arch } = input;
    const output = resolve(input.output);
    const built = await buildArtifact(image, as, { input, again: input.cache === "no", context });
    context.signal.throwIfAborted();
    const { size } = await copySparse(built.path, output);
    return { image, as, arch, output, size, sha256: await sha256OfFile(output), key: built.key };
  },
  render: ({ output, size, sha256 }) => renderFacts({ output, size: formatBytes(size), "sha-256": sha256 }),
});
