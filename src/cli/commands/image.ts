import { basename, resolve } from "node:path";
import { HadronError, messageOf, writeFileAtomic } from "../../base/mod.ts";
import { assertOutputPlace, isExtension, writeArtifact } from "../../image/mod.ts";
import { formatBytes, renderFacts } from "../../report/mod.ts";
import { buildArtifact } from "../build-artifact.ts";
import { defineCommand } from "../command.ts";
import { renderSbom } from "../sbom.ts";
import { renderSizeReport, reportSizes } from "../size-report.ts";

export const command = defineCommand("image", {
  run: async (words, context) => {
    // Elsewhere --from names places of sources; here it is the image's, and the variable alone names them.
    const input = { ...words, from: context.environment.HADRON_SOURCES || undefined };
    const { image, as, arch, output, requireUpstream } = input;
    if (words.from !== undefined && (words.sbom !== undefined || words.sizeReport)) throw notOfImported();
    // Before what may take hours.
    for (const path of [output, input.sbom])
      if (path !== undefined) await assertOutputPlace(path, path === output ? as : undefined);
    if (input.sizeReport || as === undefined || output === undefined) return reportSizes(input, context);
    if (words.name !== undefined && !isExtension(as)) throw nameOfNone(as);
    const { emit, signal, cacheRoot } = context;
    const built = await buildArtifact(image, as, {
      input,
      again: input.cache === "no",
      rootFrom: words.from,
      // On the node the name of the file must be the one that is written in it.
      extensionName: words.name ?? basename(output, ".raw"),
      context,
    });
    signal.throwIfAborted();
    const written = await writeArtifact({ ...built, output: built.folder, to: output, emit, signal });
    const sbom = input.sbom === undefined ? undefined : resolve(input.sbom);
    if (sbom !== undefined)
      await writeSbom(sbom, renderSbom({ ...built, ...built.project, cacheRoot, requireUpstream }));
    return { image, as, arch, output: written.path, size: written.bytes, sha256: written.sha256, key: built.key, sbom };
  },
  render: (data, input) => ("components" in data ? renderSizeReport(data, input.output) : renderWritten(data)),
});

function notOfImported(): HadronError {
  return new HadronError("With --from, neither --sbom nor --size-report has a meaning", {
    kind: "usage",
    code: "USAGE_OPTION",
    hint: "What is in a container image of others is known to those who made it",
  });
}

function nameOfNone(kind: string): HadronError {
  return new HadronError(`Option --name has no meaning with --as ${kind}`, {
    kind: "usage",
    code: "USAGE_OPTION",
    hint: "It names an extension: --as sysext, --as confext",
  });
}

function renderWritten(written: { output: string; size: number; sha256: string; sbom: string | undefined }): string {
  const { output, size, sha256, sbom } = written;
  return renderFacts({ output, size: formatBytes(size), "sha-256": sha256, sbom });
}

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
