import { basename } from "node:path";
import { type ProjectState, projectState } from "../../attest/mod.ts";
import { HadronError } from "../../base/mod.ts";
import { assertOutputPlace, isExtension, type WrittenArtifact, writeArtifact } from "../../image/mod.ts";
import { formatBytes, renderFacts } from "../../report/mod.ts";
import { attachDocuments, contentsOf, sbomsOf } from "../attach.ts";
import { type BuiltArtifact, buildArtifact } from "../build-artifact.ts";
import { type Context, defineCommand } from "../command.ts";
import { assertBuilder, provenanceDocument } from "../provenance-document.ts";
import { renderSizeReport, reportSizes } from "../size-report.ts";
import type { Input } from "../table.ts";

export const command = defineCommand("image", {
  run: async (words, context) => {
    // Elsewhere --from names places of sources; here it is the image's, and the variable alone names them.
    const input = { ...words, from: context.environment.HADRON_SOURCES || undefined };
    const { image, as, arch, output } = input;
    if (words.from !== undefined && words.sizeReport) throw notOfImported();
    // Before what may take hours.
    assertBuilder(words.builder);
    if (output !== undefined) await assertOutputPlace(output, as);
    if (input.sizeReport || as === undefined || output === undefined) return reportSizes(input, context);
    if (words.name !== undefined && !isExtension(as)) throw nameOfNone(as);
    const checkout = input.attach === "yes" ? await projectState(context.root) : undefined;
    const { emit, signal } = context;
    const built = await buildArtifact(image, as, {
      input,
      again: input.cache === "no",
      rootFrom: words.from,
      withRoot: checkout !== undefined,
      // On the node the name of the file must be the one that is written in it.
      extensionName: words.name ?? basename(output, ".raw"),
      context,
    });
    signal.throwIfAborted();
    const written = await writeArtifact({ ...built, output: built.folder, to: output, emit, signal });
    const { path, bytes, sha256 } = written;
    const attached = checkout === undefined ? [] : await attachAll(built, written, { words, checkout, context });
    return { image, as, arch, output: path, size: bytes, sha256, key: built.key, attached };
  },
  render: (data, input) => ("components" in data ? renderSizeReport(data, input.output) : renderWritten(data)),
});

function notOfImported(): HadronError {
  return new HadronError("With --from, --size-report has no meaning", {
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

function renderWritten(written: { output: string; size: number; sha256: string; attached: string[] }): string {
  const { output, size, sha256, attached } = written;
  const facts = { output, size: formatBytes(size), "sha-256": sha256 };
  return renderFacts({ ...facts, attached: attached.length === 0 ? undefined : attached });
}

/** All that is known of an artifact. */
async function attachAll(
  built: BuiltArtifact,
  { path, sha256 }: WrittenArtifact,
  options: { words: Input<"image">; checkout: ProjectState; context: Context },
): Promise<string[]> {
  const { image, kind } = built;
  const name = kind === "oci" ? `hadron/${image.name}:${image.version}` : basename(path);
  const subject = { name, kind, sha256 };
  const sboms = sbomsOf(subject, await contentsOf(built));
  const provenance = await provenanceDocument(subject, built, options);
  return attachDocuments([...sboms, provenance], { kind, path }, options.context);
}
