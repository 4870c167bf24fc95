import { HadronError } from "../../base/mod.ts";
import type { Descriptor } from "../layout.ts";
import type { LoadedManifest } from "./manifest.ts";
import { limitManifests } from "./manifest-limits.ts";

/** A place that has manifests: a layout, or a repository of a registry. */
export interface Content {
  manifest(described: Descriptor): Promise<LoadedManifest>;
  /** What is attached to a manifest. */
  referrers(digest: string): Promise<Descriptor[]>;
}

export interface Collected {
  /** The root and what belongs to it, without what is attached. What another one names comes before it. */
  manifests: LoadedManifest[];
  /** What is attached, in the order in which it can be put, and what these name. */
  attached: LoadedManifest[];
  /** Of all of them, each once. */
  blobs: Descriptor[];
}

/** Real images have an index, perhaps one in it, and signatures of what is attached. */
const deepest = 8;

/**
 * Finds all that an image, an index or an artifact consists of.
 * @throws HadronError `MANIFEST_INVALID` for a chain without an end, `MANIFESTS_TOO_MANY`
 */
export async function collect(
  content: Content,
  root: LoadedManifest,
  { withReferrers }: { withReferrers: boolean },
): Promise<Collected> {
  const seen = new Set<string>();
  const blobs = new Map<string, Descriptor>();
  const limits = limitManifests(root.descriptor.digest);
  const add = async (to: LoadedManifest[], manifest: LoadedManifest, depth: number): Promise<void> => {
    const { digest } = manifest.descriptor;
    if (seen.has(digest)) return;
    seen.add(digest);
    limits.keep(manifest);
    limits.name(manifest.manifests);
    if (depth > deepest) throw invalid(`Manifests are nested deeper than ${deepest}`, digest);
    for (const child of manifest.manifests)
      if (!seen.has(child.digest)) await add(to, await content.manifest(child), depth + 1);
    for (const blob of manifest.blobs) {
      if ((blobs.get(blob.digest) ?? blob).size !== blob.size)
        throw invalid(`The blob ${blob.digest} is said to have two sizes`, digest);
      blobs.set(blob.digest, blob);
    }
    to.push(manifest);
  };
  const attached: LoadedManifest[] = [];
  const attach = async (subject: string, depth: number): Promise<void> => {
    const listed = await content.referrers(subject);
    limits.name(listed);
    for (const found of listed) {
      if (seen.has(found.digest)) continue;
      const manifest = await content.manifest(found);
      // A list can name anything; what counts is what the manifest says itself.
      if (manifest.subject?.digest !== subject) continue;
      await add(attached, manifest, depth);
      await attach(found.digest, depth + 1);
    }
  };
  const manifests: LoadedManifest[] = [];
  await add(manifests, root, 0);
  if (withReferrers) await attach(root.descriptor.digest, 1);
  return { manifests, attached, blobs: [...blobs.values()] };
}

function invalid(message: string, at: string): HadronError {
  return new HadronError(message, {
    kind: "input",
    code: "MANIFEST_INVALID",
    at,
    hint: "Whoever made the image has to make it anew: nothing can take it like this",
  });
}
