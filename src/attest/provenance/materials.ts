import { compareText } from "../../base/mod.ts";
import { type SourceCandidate, type SourceLock, sourceEntry, type ToolboxLock } from "../../engine/mod.ts";
import type { Step } from "../../graph/mod.ts";
import type { ProjectState } from "./project-state.ts";
import type { ResourceDescriptor } from "./statement.ts";

/** What steps were made from that no step made. */
export interface MaterialFacts {
  /** All steps that lead to the artifact. */
  steps: ReadonlyMap<string, Step>;
  lock: SourceLock;
  /** The digest of the bytes of a source that are used. */
  choose: (source: string) => string;
  toolbox: ToolboxLock;
  /** Digests of the sets that steps run in and are run by. */
  toolboxSets: Readonly<Record<string, string>>;
  project: ProjectState;
  /** Where a folder is in the checkout; undefined for one that was given from outside. */
  relativePath: (directory: string) => string | undefined;
}

/**
 * Everything that went into an artifact, each with its digest: the project, its folders that steps read, the sources, and the packages
 * of the toolbox. Digests that aren't over plain bytes have names of their own (docs/provenance.md).
 */
export function materialsOf(facts: MaterialFacts): ResourceDescriptor[] {
  return [...projectMaterials(facts), ...folderMaterials(facts), ...sourceMaterials(facts), ...toolboxMaterials(facts)];
}

function projectMaterials({ project: { files, commit } }: MaterialFacts): ResourceDescriptor[] {
  return [
    ...(commit === undefined ? [] : [{ name: "hadron", digest: { gitCommit: commit } }]),
    { name: "hadron/files", digest: { "hadron-files-1": files } },
  ];
}

function folderMaterials({ steps, relativePath }: MaterialFacts): ResourceDescriptor[] {
  const folders = new Map<string, string>();
  for (const { inputs } of steps.values())
    for (const input of inputs) {
      if (input.kind !== "files") continue;
      const path = relativePath(input.directory);
      // Where it lay is this machine's own affair; what it is for, its place in the step says.
      folders.set(path === undefined ? `given${input.mount}` : `hadron/${path}`, input.digest);
    }
  return [...folders]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, digest]) => ({ name, digest: { "hadron-files-1": digest } }));
}

function sourceMaterials({ steps, lock, choose }: MaterialFacts): ResourceDescriptor[] {
  const names = [...steps.values()].flatMap(({ inputs }) =>
    inputs.flatMap((input) => (input.kind === "source" ? [input.source] : [])),
  );
  return [...new Set(names)].sort(compareText).map((name) => {
    const sha256 = choose(name);
    const { version, licence, candidates, keys = {} } = sourceEntry(name, lock);
    const candidate = candidates.find((one) => one.sha256 === sha256);
    return {
      name,
      uri: candidate?.places[0] ?? "",
      digest: { sha256 },
      annotations: { version, licence, origin: candidate?.origin, ...signer(candidate?.signature, keys) },
    };
  });
}

function signer(
  signature: SourceCandidate["signature"],
  keys: Readonly<Record<string, string>>,
): Record<string, unknown> {
  if (signature === undefined) return {};
  if ("missing" in signature) return { notSigned: signature.missing };
  const { keyFingerprint, made } = signature;
  return { signedBy: { keyFingerprint, name: keys[keyFingerprint], made } };
}

function toolboxMaterials({ toolbox, toolboxSets }: MaterialFacts): ResourceDescriptor[] {
  return Object.entries(toolboxSets).flatMap(([set, digest]) => [
    { name: `toolbox/${set}`, digest: { "hadron-toolbox-1": digest } },
    ...(toolbox.sets[set]?.packages ?? []).map(({ name, version, sha256 }) => ({
      name: `toolbox/${set}/${name}`,
      uri: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64&distro=${toolbox.suite}`,
      digest: { sha256 },
    })),
  ]);
}
