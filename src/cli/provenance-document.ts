import { readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { type ProjectState, provenanceOf } from "../attest/mod.ts";
import { HadronError } from "../base/mod.ts";
import { chooseCandidate, closure, readToolboxLock, toolboxSetDigest } from "../engine/mod.ts";
import type { WrittenSubject } from "../image/mod.ts";
import type { Document } from "./attach.ts";
import { attachedKinds } from "./attached-kinds.ts";
import type { BuiltArtifact } from "./build-artifact.ts";
import type { Context } from "./command.ts";
import { findBuilt } from "./project.ts";
import type { Input } from "./table.ts";

/** The set of the toolbox that every step runs in, and the one that runs it unless Docker did. */
const [rootSet, runningSet] = ["build", "sandbox"];

/**
 * How an artifact was made, from the graph that it was built by and what the store remembers of its steps.
 * @param options.checkout As it was before the build: what is changed meanwhile is in no artifact
 */
export async function provenanceDocument(
  subject: WrittenSubject,
  built: BuiltArtifact,
  { words, checkout, context }: { words: Input<"image">; checkout: ProjectState; context: Context },
): Promise<Document> {
  const { project, graph, step, image, kind, extensionName } = built;
  const { cacheRoot, root } = context;
  const { requireUpstream, from, moduleKey, moduleSignatures, arch, builder } = words;
  const { lock } = project;
  const { known } = await findBuilt({ lock, graph }, [step], context, { requireUpstream });
  const toolbox = await readToolboxLock();
  const steps = closure(graph, [step]);
  const isAllByDocker = [...steps.keys()].every((id) => known.get(id)?.engine === "docker");
  const digests: [string, string][] = [];
  for (const set of isAllByDocker ? [rootSet] : [rootSet, runningSet])
    digests.push([set, await toolboxSetDigest(set, { lock: toolbox })]);
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  const statement = provenanceOf({
    subject,
    parameters: {
      image: image.name,
      artifact: kind,
      architecture: arch,
      requireUpstream,
      ...(extensionName === undefined ? {} : { name: extensionName }),
      // Where it lay is this machine's own affair; its digest is a material.
      ...(from === undefined ? {} : { from: basename(from) }),
      // Made by a key or made before: to what is built it is the same.
      ...((moduleKey ?? moduleSignatures) === undefined ? {} : { moduleSignatures: "given/needs/signatures" }),
    },
    step,
    steps,
    results: known,
    lock,
    choose: (source) => chooseCandidate(source, { lock, cacheRoot, requireUpstream }).sha256,
    toolbox,
    toolboxSets: Object.fromEntries(digests),
    project: checkout,
    relativePath: (directory) => {
      const path = relative(root, directory);
      // The cache may lie in the checkout.
      const isOfThisRun = path.startsWith("..") || !relative(cacheRoot, directory).startsWith("..");
      return isOfThisRun ? undefined : path;
    },
    builder,
    versions: { hadron: version, node: process.versions.node },
  });
  return { kind: attachedKinds.provenance, text: `${JSON.stringify(statement)}\n` };
}

/** @throws HadronError `BUILDER_INVALID` */
export function assertBuilder(builder: string): void {
  if (/^[a-z][a-z0-9+.-]*:[^\s"]+$/i.test(builder)) return;
  throw new HadronError(`The builder is "${builder}", expected a URI`, {
    kind: "usage",
    code: "BUILDER_INVALID",
    hint: "Such as https://ci.example/workers/trusted, which says who is trusted when a provenance of theirs is",
  });
}
