import { buffer } from "node:stream/consumers";
import { type Descriptor, mediaTypes } from "../layout.ts";
import type { Content } from "./collect.ts";
import { contentOfLayout, findLayout, rootOf } from "./layout-content.ts";
import type { LoadedManifest } from "./manifest.ts";
import { contentOfRepository, fetchRoot } from "./pull.ts";
import { readSmallBlob } from "./read-small-blob.ts";
import { formatReference, parseReference } from "./reference.ts";
import { openRepository, type RegistryOptions } from "./repository.ts";

/** What there is to say of an image, an index or an artifact without bringing it here. */
export interface Inspected {
  /** `HOST/NAME[:TAG]@sha256:…`, or the layout as it was named. */
  reference: string;
  digest: string;
  mediaType: string;
  /** Bytes of the manifest itself. */
  size: number;
  artifactType?: string;
  /** `linux/amd64`, of an image. */
  platform?: string;
  annotations: Record<string, string>;
  /** What it is attached to. */
  subject?: string;
  config?: Descriptor;
  layers: Descriptor[];
  /** What an index names. */
  manifests: Descriptor[];
  /** What is attached to it. */
  referrers: Descriptor[];
}

/**
 * @param text A reference, or a layout: `PATH` or `PATH:TAG`. What is there as a folder is one
 * @throws HadronError `REFERENCE_INVALID`, `LAYOUT_AMBIGUOUS`, `MANIFEST_…`, `REGISTRY_…`
 */
export async function inspect(text: string, options: RegistryOptions): Promise<Inspected> {
  const named = await findLayout(text);
  if (named) {
    const readConfig = (config: Descriptor) => buffer(named.layout.readBlob(config));
    return describe(text, await rootOf(named), contentOfLayout(named.layout), readConfig);
  }
  const reference = parseReference(text);
  using repository = openRepository(reference, "pull", options);
  const root = await fetchRoot(repository);
  const shown = formatReference({ ...reference, digest: root.descriptor.digest });
  const readConfig = (config: Descriptor) => readSmallBlob(repository, config);
  return describe(shown, root, contentOfRepository(repository), readConfig);
}

async function describe(
  reference: string,
  { descriptor, annotations, blobs, config, manifests, subject }: LoadedManifest,
  content: Content,
  readConfig: (config: Descriptor) => Promise<Buffer>,
): Promise<Inspected> {
  const { digest, mediaType, size, artifactType } = descriptor;
  const platform = config && imageConfigs.includes(config.mediaType) ? platformOf(await readConfig(config)) : undefined;
  return {
    reference,
    ...{ digest, mediaType, size },
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(platform === undefined ? {} : { platform }),
    annotations,
    ...(subject === undefined ? {} : { subject: subject.digest }),
    ...(config === undefined ? {} : { config }),
    layers: config === undefined ? blobs : blobs.slice(1),
    manifests,
    referrers: await content.referrers(digest),
  };
}

const imageConfigs: readonly string[] = [mediaTypes.config, "application/vnd.docker.container.image.v1+json"];

function platformOf(config: Buffer): string | undefined {
  try {
    const { os, architecture } = JSON.parse(config.toString("utf8")) as Record<string, unknown>;
    return typeof os === "string" && typeof architecture === "string" ? `${os}/${architecture}` : undefined;
  } catch {
    return undefined;
  }
}
