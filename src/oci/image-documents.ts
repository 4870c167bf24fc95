import { z } from "zod";

/**
 * What is read of the documents that an image on this machine consists of: they come from outside, so nothing in them is what it
 * should be before that was looked at. Fields that are not named here are nobody's concern.
 */
const annotations = z.record(z.string(), z.string()).nullish();

const descriptor = z.object({
  mediaType: z.string().default(""),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().min(0).default(0),
  artifactType: z.string().nullish(),
  platform: z.object({ architecture: z.string(), os: z.string() }).nullish(),
  annotations,
});

/** `index.json`, and what it names of the kind. */
export const imageIndex = z.object({ manifests: z.array(descriptor) });

export const imageManifest = z.object({ config: descriptor, layers: z.array(descriptor) });

export const imageConfig = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  rootfs: z.looseObject({ diff_ids: z.array(z.string()).nullish() }).nullish(),
});

/** `manifest.json` of what `docker save` writes. */
export const dockerManifests = z.array(
  z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }),
);

export type FoundDescriptor = z.infer<typeof descriptor>;
export type FoundConfig = z.infer<typeof imageConfig>;
