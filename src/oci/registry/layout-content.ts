import { readFile, stat } from "node:fs/promises";
import { HadronError, isSystemError } from "../../base/mod.ts";
import { missingBlob, wrongBlob } from "../blob-failures.ts";
import { type Descriptor, isLayout, type Layout, openLayout } from "../layout.ts";
import type { Content } from "./collect.ts";
import {
  asReferrer,
  type LoadedManifest,
  loadManifest,
  manifestBytes,
  manifestTooLarge,
  manifestTypes,
} from "./manifest.ts";

export const refName = "org.opencontainers.image.ref.name";

export interface NamedLayout {
  layout: Layout;
  tag: string | undefined;
}

/** A layout that is there, of `PATH` or `PATH:TAG`; undefined where there is none. */
export async function findLayout(text: string): Promise<NamedLayout | undefined> {
  if (await isLayout(text)) return { layout: openLayout(text), tag: undefined };
  const colon = text.lastIndexOf(":");
  const path = text.slice(0, Math.max(0, colon));
  return colon > 0 && (await isLayout(path)) ? { layout: openLayout(path), tag: text.slice(colon + 1) } : undefined;
}

/** @throws HadronError `LAYOUT_NOT_FOUND` */
export async function openNamedLayout(text: string): Promise<NamedLayout> {
  const found = await findLayout(text);
  if (found) return found;
  throw new HadronError(`"${text}" is not an OCI image layout`, {
    kind: "input",
    code: "LAYOUT_NOT_FOUND",
    at: text,
    hint: "Name a folder that holds one, or FOLDER:TAG where it holds several images",
  });
}

export function contentOfLayout(layout: Layout): Content {
  let all: Promise<LoadedManifest[]> | undefined;
  return {
    manifest: (described) => readManifest(layout, described),
    referrers: async (digest) => {
      all ??= listed(layout);
      return (await all).filter(({ subject }) => subject?.digest === digest).map(asReferrer);
    },
  };
}

/** The manifest that a tag names; without a tag the only one that is not attached to another. @throws HadronError `LAYOUT_AMBIGUOUS` */
export async function rootOf({ layout, tag }: NamedLayout): Promise<LoadedManifest> {
  const { manifests } = await layout.readIndex();
  const named = tag === undefined ? manifests : manifests.filter(({ annotations }) => annotations?.[refName] === tag);
  const loaded = new Map<string, LoadedManifest>();
  for (const described of named) loaded.set(described.digest, await readManifest(layout, described));
  const roots = [...loaded.values()].filter(({ subject }) => named.length === 1 || subject === undefined);
  const [only] = roots;
  if (only && roots.length === 1) return only;
  const names = manifests.flatMap(({ annotations }) => annotations?.[refName] ?? []);
  throw new HadronError(
    tag === undefined ? `The layout holds ${roots.length} images` : `The layout holds no image "${tag}"`,
    {
      kind: "input",
      code: "LAYOUT_AMBIGUOUS",
      at: layout.path,
      hint:
        names.length === 0
          ? "None of its images has a name: write a layout of the one that is meant, or with a tag"
          : `Name one of them: ${names.map((name) => `PATH:${name}`).join(", ")}`,
    },
  );
}

async function listed(layout: Layout): Promise<LoadedManifest[]> {
  const known = (await layout.readIndex()).manifests.filter(({ mediaType }) => manifestTypes.includes(mediaType));
  return Promise.all(known.map((described) => readManifest(layout, described)));
}

/** @throws HadronError `BLOB_MISSING`, `BLOB_DIGEST`, `MANIFEST_…` */
export async function readManifest(layout: Layout, described: Descriptor): Promise<LoadedManifest> {
  const at = layout.blobPath(described.digest);
  try {
    if ((await stat(at)).size > manifestBytes) throw manifestTooLarge(at);
    const manifest = loadManifest(await readFile(at), described.mediaType, at);
    if (manifest.descriptor.digest === described.digest) return manifest;
  } catch (error) {
    throw isSystemError(error, "ENOENT") ? missingBlob(at, error) : error;
  }
  throw wrongBlob(at);
}
