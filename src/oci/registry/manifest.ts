import { z } from "zod";
import { HadronError, sha256 } from "../../base/mod.ts";
import { type Descriptor, mediaTypes } from "../layout.ts";

/** Registries need not take more (OCI distribution specification 1.1, "Pushing manifests"), so nobody's are larger. */
export const manifestBytes = 4 << 20;

/** The kinds of manifest that are known; any other is refused, since what it needs could not be brought along. */
const manifestKinds: ReadonlyMap<string, "image" | "index"> = new Map([
  [mediaTypes.manifest, "image"],
  [mediaTypes.index, "index"],
  ["application/vnd.docker.distribution.manifest.v2+json", "image"],
  ["application/vnd.docker.distribution.manifest.list.v2+json", "index"],
]);

export const manifestTypes: readonly string[] = [...manifestKinds.keys()];

/** A manifest or index with its own bytes, which its digest is of. */
export interface LoadedManifest {
  descriptor: Descriptor;
  bytes: Buffer;
  /** Configuration and layers. */
  blobs: Descriptor[];
  /** What an index names. */
  manifests: Descriptor[];
  /** What it is attached to: its referrer (OCI image specification 1.1). */
  subject?: Descriptor;
  config?: Descriptor;
  annotations: Record<string, string>;
}

const descriptor = z.object({
  mediaType: z.string().max(255),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().min(0),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: z.object({ architecture: z.string(), os: z.string() }).optional(),
});
const shared = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptor.optional(),
  annotations: z.record(z.string(), z.string()).nullish(),
};
// A document of both kinds could be read as either, depending on who reads it.
const image = z.object({
  ...shared,
  config: descriptor,
  layers: z.array(descriptor),
  manifests: z.undefined().optional(),
});
const index = z.object({
  ...shared,
  manifests: z.array(descriptor),
  config: z.undefined().optional(),
  layers: z.undefined().optional(),
});

/**
 * Reads a manifest from outside.
 * @param mediaType What the registry or the descriptor says it is
 * @param at Where it comes from, for messages
 * @throws HadronError `MANIFEST_MEDIA_TYPE`, `MANIFEST_INVALID`
 */
export function loadManifest(bytes: Buffer, mediaType: string, at: string): LoadedManifest {
  const kind = manifestKinds.get(mediaType);
  if (kind === undefined)
    throw new HadronError(`The manifest has the media type "${mediaType.slice(0, 200)}", which is not known`, {
      kind: "input",
      code: "MANIFEST_MEDIA_TYPE",
      at,
      hint: `Known: ${manifestTypes.join(", ")}`,
    });
  const parsed = (kind === "image" ? image : index).safeParse(json(bytes, at));
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error), at);
  const { data } = parsed;
  if (data.mediaType !== undefined && data.mediaType !== mediaType)
    throw invalid(`it calls itself "${data.mediaType.slice(0, 200)}", but was given as "${mediaType}"`, at);
  const artifactType = data.artifactType ?? (data.subject && data.config?.mediaType);
  const loaded: LoadedManifest = {
    descriptor: {
      mediaType,
      digest: `sha256:${sha256(bytes)}`,
      size: bytes.length,
      ...(artifactType === undefined ? {} : { artifactType }),
    },
    bytes,
    blobs: data.config === undefined ? [] : [data.config, ...data.layers].map(plain),
    manifests: (data.manifests ?? []).map(plain),
    annotations: data.annotations ?? {},
  };
  if (data.subject) loaded.subject = plain(data.subject);
  if (data.config) loaded.config = plain(data.config);
  return loaded;
}

/** How a list of what is attached names a manifest (OCI distribution specification 1.1, "Listing Referrers"). */
export function asReferrer({ descriptor, annotations }: LoadedManifest): Descriptor {
  return { ...descriptor, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
}

/** Without the fields that are there and undefined. */
function plain(found: z.infer<typeof descriptor>): Descriptor {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as unknown as Descriptor;
}

function json(bytes: Buffer, at: string): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw invalid("it is no JSON", at);
  }
}

function invalid(why: string, at: string): HadronError {
  return new HadronError(`The manifest is invalid: ${why}`, {
    kind: "input",
    code: "MANIFEST_INVALID",
    at,
    hint: "Write or push the image again; where it comes from a registry, ask who runs it",
  });
}

export function manifestTooLarge(at: string): HadronError {
  return new HadronError(`The manifest is larger than ${manifestBytes} bytes`, {
    kind: "input",
    code: "MANIFEST_TOO_LARGE",
    at,
    hint: "No image needs such a manifest: the registry gives something else, or an index should be split",
  });
}
