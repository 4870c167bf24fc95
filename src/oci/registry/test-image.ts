import { randomBytes } from "node:crypto";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { Event } from "../../base/mod.ts";
import { mediaTypes, openLayout } from "../layout.ts";
import { refName } from "./layout-content.ts";
import { pullToLayout } from "./pull.ts";
import { pushLayout } from "./push.ts";
import { parseReference } from "./reference.ts";
import type { RegistryOptions } from "./repository.ts";
import { openTestRegistry } from "./test-registry.ts";

export const layerBytes = 1_000_000;

/**
 * A layout with one image, `v1`, and a signature attached to it; a registry; and a folder to pull to.
 * @param options.bytes Of the layer: fewer where nothing is to break off in it
 */
export async function imageAndRegistry(options: { hasReferrers?: boolean; bytes?: number } = {}) {
  const { hasReferrers = true, bytes = layerBytes } = options;
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), "hadron-registry-"))).path;
  const registry = stack.use(await openTestRegistry({ hasReferrers }));
  const layout = openLayout(join(folder, "layout"));
  const blob = await layout.writeBlob(Readable.from([randomBytes(bytes)]));
  const layer = { mediaType: mediaTypes.layerTar, ...blob };
  const configuration = { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [blob.digest] } };
  const config = await layout.writeJson(configuration, mediaTypes.config);
  const shared = { schemaVersion: 2, mediaType: mediaTypes.manifest };
  const root = await layout.writeJson({ ...shared, config, layers: [layer] }, mediaTypes.manifest);
  const empty = await layout.writeJson({}, mediaTypes.empty);
  const signature = await layout.writeJson(
    { ...shared, artifactType: "application/x-signature", config: empty, layers: [empty], subject: root },
    mediaTypes.manifest,
  );
  await layout.writeIndex([{ ...root, annotations: { [refName]: "v1" } }, signature]);

  const events: Event[] = [];
  const reference = parseReference(`${registry.host}/some/image:v1`);
  const common: RegistryOptions & { withReferrers: boolean } = {
    // Nothing of the user who runs the tests.
    environment: { HOME: folder, PATH: process.env.PATH },
    plainHttp: [registry.host],
    emit: (event) => events.push(event),
    patience: { attempts: 4, firstPause: 1 },
    withReferrers: true,
  };
  const to = join(folder, "pulled");
  return {
    ...{ folder, registry, layout, layer, config, empty, root, signature, events, reference, common, to },
    pulled: openLayout(to),
    push: (more: Partial<RegistryOptions> = {}) => pushLayout(`${layout.path}:v1`, reference, { ...common, ...more }),
    pull: (more: Partial<RegistryOptions> = {}) => pullToLayout(reference, to, { ...common, ...more }),
    /** What the registry was asked, of one kind of request. */
    asked: (pattern: RegExp) => registry.requests.filter((request) => pattern.test(request)),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export type ImageAndRegistry = Awaited<ReturnType<typeof imageAndRegistry>>;

/** An image in the registry, and nothing of it here. It is put there as a push would leave it, without one. */
export async function pushedImage(options: { bytes?: number } = {}) {
  const it = await imageAndRegistry(options);
  const { registry, layout, layer, config, empty, root, signature } = it;
  for (const { digest } of [layer, config, empty]) registry.blobs.set(digest, await readFile(layout.blobPath(digest)));
  for (const { digest, mediaType: type } of [root, signature])
    registry.manifests.set(digest, { type, bytes: await readFile(layout.blobPath(digest)) });
  const tagged = registry.manifests.get(root.digest);
  if (tagged) registry.manifests.set("v1", tagged);
  return it;
}

/** Has the registry hold, under the tag `v1`, what nobody checked. */
export function plant({ registry }: ImageAndRegistry, manifest: unknown, type: string = mediaTypes.manifest): void {
  const bytes = Buffer.from(typeof manifest === "string" ? manifest : JSON.stringify(manifest));
  registry.manifests.set("v1", { type, bytes });
}
