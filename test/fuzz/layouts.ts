import { mkdir, mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { signImage, verifyImage } from "../../src/attest/mod.ts";
import { sha256 } from "../../src/base/mod.ts";
import { type Index, openSubject, parseReference, pushLayout } from "../../src/oci/mod.ts";
import { openTestRegistry } from "../../src/oci/registry/test-registry.ts";
import { writeImage } from "./answers.ts";
import { newKey } from "./attached.ts";
import { spoiledJson } from "./spoil.ts";
import { fileTarget, type Target } from "./target.ts";

const ours = newKey("layout.pub");
const options = { environment: {} };
const forms = ["tag", "bundle"] as const;

/** A layout with one small image, `v1`, which our key has signed in every form: its files by name. */
async function signedLayout(): Promise<ReadonlyMap<string, Buffer>> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-fuzz-layout-"));
  await writeImage(folder.path);
  using subject = await openSubject(folder.path, "push", options);
  await signImage(subject, ours, { forms, attestations: [] });
  const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const files = paths.map(async (path) => [path.slice(folder.path.length + 1), await readFile(path)] as const);
  return new Map(await Promise.all(files));
}

const files = await signedLayout();
const index = JSON.parse(String(files.get("index.json"))) as Index;
const image = index.manifests.find(({ annotations = {} }) => Object.values(annotations).includes("v1"))?.digest;
const blobPath = (digest: string) => `blobs/${digest.replace(":", "/")}`;

/** The index is spoiled, or one of the manifests that it names, and the index made to fit: so it is read. */
const spoiledFiles: fc.Arbitrary<Map<string, Buffer>> = fc.oneof(
  spoiledJson([index]).map((text) => new Map([...files, ["index.json", Buffer.from(text)]])),
  fc.constantFrom(...index.manifests).chain((described) =>
    spoiledJson([JSON.parse(String(files.get(blobPath(described.digest)))) as unknown]).map((text) => {
      const digest = `sha256:${sha256(text)}`;
      const fitting = { ...described, digest, size: Buffer.byteLength(text) };
      const manifests = index.manifests.map((one) => (one === described ? fitting : one));
      return new Map([
        ...files,
        [blobPath(digest), Buffer.from(text)],
        ["index.json", Buffer.from(JSON.stringify({ ...index, manifests }))],
      ]);
    }),
  ),
);

async function writeLayout(folder: string, spoiled: ReadonlyMap<string, Buffer>): Promise<string> {
  for (const [name, bytes] of spoiled) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

/** With the tag that is asked for, or without. */
const named = fc.tuple(fc.constantFrom("", ":v1"), spoiledFiles);

/** Image layouts as they are read by those who sign, verify and push. */
export const layouts: readonly Target[] = [
  fileTarget({
    name: "a layout that is verified and signed",
    few: 5,
    inputs: named,
    read: async ([tag, spoiled], { folder }) => {
      const place = await writeLayout(join(folder, "image"), spoiled);
      using subject = await openSubject(`${place}${tag}`, "push", options);
      const isImage = subject.descriptor.digest === image;
      const { signatures } = await verifyImage(subject, [ours.publicKey]);
      if (signatures.length > 0 && !isImage) throw new Error("An image counts as signed that nobody signed");
      await subject.check();
      await signImage(subject, ours, { forms, attestations: [] });
      if ((await verifyImage(subject, [ours.publicKey])).signatures.length < forms.length)
        throw new Error("It was signed, and its signatures are not found");
    },
  }),
  fileTarget({
    name: "a layout that is pushed",
    few: 5,
    inputs: named,
    read: async ([tag, spoiled], { folder }) => {
      const place = await writeLayout(join(folder, "image"), spoiled);
      await using registry = await openTestRegistry();
      const reference = parseReference(`${registry.host}/some/image:v1`);
      const more = { environment: { HOME: folder }, plainHttp: [registry.host], withReferrers: true };
      const { digest } = await pushLayout(`${place}${tag}`, reference, more);
      const bytes = registry.manifests.get(digest)?.bytes ?? "";
      if (`sha256:${sha256(bytes)}` !== digest) throw new Error(`What was pushed as ${digest} is something else`);
    },
  }),
];
