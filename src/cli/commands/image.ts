import { resolve } from "node:path";
import { HadronError, messageOf, writeFileAtomic } from "../../base/mod.ts";
import { writeArtifact } from "../../image/mod.ts";
import { formatBytes, renderFacts } from "../../report/mod.ts";
import { buildArtifact } from "../build-artifact.ts";
import { defineCommand } from "../command.ts";
import { renderSbom } from "../sbom.ts";

export const command = defineCommand("image", {
  run: async (input, context) => {
    const { image, as, arch, requireUpstream } = input;
    const { emit, signal, cacheRoot } = context;
    const built = await buildArtifact(image, as, { input, again: input.cache === "no", context });
    signal.throwIfAborted();
    const written = await writeArtifact({ ...built, output: built.folder, to: input.output, emit, signal });
    const sbom = input.sbom === undefined ? undefined : resolve(input.sbom);
    if (sbom !== undefined)
      await writeSbom(sbom, renderSbom({ ...built, ...built.project, cacheRoot, requireUpstream }));
    return { image, as, arch, output: written.path, size: written.bytes, sha256: written.sha256, key: built.key, sbom };
  },
  render: ({ output, size, sha256, sbom }) => renderFacts({ output, size: formatBytes(size), "sha-256": sha256, sbom }),
});

async function writeSbom(path: string, text: string): Promise<void> {
  await writeFileAtomic(path, text).catch((error: unknown) => {
    throw new HadronError(`Could not write "${path}": ${messageOf(error)}`, {
      kind: "usage",
      code: "SBOM_OUTPUT",
      at: path,
      hint: "Name a file in a folder that you may write to",
      cause: error,
    });
  });
}
