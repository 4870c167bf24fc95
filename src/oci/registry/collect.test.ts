import { describe, expect, it } from "vitest";
import { sha256 } from "../../base/mod.ts";
import { type Descriptor, mediaTypes } from "../layout.ts";
import { type Content, collect } from "./collect.ts";
import type { LoadedManifest } from "./manifest.ts";
import { fallbackTag } from "./referrers.ts";
import { openSubject } from "./subject.ts";
import { imageAndRegistry } from "./test-image.ts";

const manifest = (name: string, fields: Partial<LoadedManifest> = {}): LoadedManifest => ({
  ...{ descriptor: { mediaType: mediaTypes.manifest, digest: `sha256:${sha256(name)}`, size: 1 } },
  ...{ bytes: Buffer.from(name), blobs: [], manifests: [], annotations: {} },
  ...fields,
});
const descriptorsOf = (count: number): Descriptor[] =>
  Array.from({ length: count }, (_, number) => manifest(String(number)).descriptor);

/** Has every manifest that is asked for, each of so many bytes, and the same list of what is attached. */
function endless({ bytes = 1, attached = 0, subject }: { bytes?: number; attached?: number; subject?: Descriptor }) {
  const asked: string[] = [];
  const same = Buffer.alloc(bytes);
  const content: Content = {
    manifest: async (descriptor) => {
      asked.push(descriptor.digest);
      return { ...manifest(""), descriptor, bytes: same, ...(subject ? { subject } : {}) };
    },
    referrers: async (digest) => (digest === subject?.digest ? descriptorsOf(attached) : []),
  };
  return { asked, content };
}

describe("what belongs together", () => {
  const tooMany = { kind: "input", code: "MANIFESTS_TOO_MANY" };

  it.each([1000, 1001])("is at most 1000 manifests, and nothing of more is asked for (%i)", async (count) => {
    const { asked, content } = endless({});
    const all = collect(content, manifest("root", { manifests: descriptorsOf(count) }), { withReferrers: true });
    if (count <= 1000) expect((await all).manifests).toHaveLength(1001);
    else await expect(all).rejects.toMatchObject(tooMany);
    expect(asked).toHaveLength(count <= 1000 ? count : 0);
  });

  it("is at most 64 MiB", async () => {
    const { asked, content } = endless({ bytes: 4 << 20 });
    const root = manifest("root", { manifests: descriptorsOf(30) });
    await expect(collect(content, root, { withReferrers: false })).rejects.toMatchObject(tooMany);
    expect(asked).toHaveLength(16);
  });

  it("has what is attached in it", async () => {
    const root = manifest("root", { manifests: descriptorsOf(500) });
    const { content } = endless({ attached: 1001, subject: root.descriptor });
    await expect(collect(content, root, { withReferrers: true })).rejects.toMatchObject(tooMany);
    expect((await collect(content, root, { withReferrers: false })).manifests).toHaveLength(501);
  });

  it("is not read by who looks for what is attached either", async () => {
    await using it = await imageAndRegistry({ bytes: 1000, hasReferrers: false });
    await it.push();
    const list = { schemaVersion: 2, manifests: descriptorsOf(1001) };
    const bytes = Buffer.from(JSON.stringify(list));
    it.registry.manifests.set(fallbackTag(it.root.digest), { type: mediaTypes.index, bytes });
    using subject = await openSubject(`${it.registry.host}/some/image:v1`, "pull", it.common);
    it.registry.requests.length = 0;
    await expect(subject.attached()).rejects.toMatchObject(tooMany);
    // For the list alone, in the two ways in which it can be kept.
    expect(it.registry.requests).toHaveLength(2);
  });
});
