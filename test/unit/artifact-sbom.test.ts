import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256, silent } from "../../src/base/mod.ts";
import { attachDocuments, contentsOf, sbomsOf } from "../../src/cli/attach.ts";
import { attachedKinds } from "../../src/cli/attached-kinds.ts";
import type { BuiltArtifact } from "../../src/cli/build-artifact.ts";
import { findSbom } from "../../src/cli/find-sbom.ts";
import type { Supplied, WrittenSubject } from "../../src/image/mod.ts";
import { openImage, pushLayout, type RegistryOptions } from "../../src/oci/mod.ts";
import { imageAndRegistry } from "../../src/oci/registry/test-image.ts";
import type { CycloneDxDocument } from "../../src/rootfs/mod.ts";
import { sbomProblems } from "../schemas/validate.ts";
import { openSbomTree, plan, type Spdx } from "./sbom-tree.ts";

const context = { environment: {}, emit: silent, signal: new AbortController().signal };
const options: RegistryOptions = { environment: {} };

/** A file `disk.raw` with its bills of materials beside it. */
async function attachedFile() {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-attached-"));
  using tree = openSbomTree();
  tree.write();
  const path = join(folder.path, "disk.raw");
  await writeFile(path, "a disk");
  const subject: WrittenSubject = { name: "disk.raw", kind: "disk", sha256: sha256("a disk") };
  const documents = sbomsOf(subject, await contentsOf({ image: plan.image, kind: "disk", root: tree.root }));
  const places = await attachDocuments(documents, { kind: "disk", path }, context);
  return { path, places, documents, [Symbol.asyncDispose]: () => folder.remove() };
}

describe("the bills of materials of an artifact", () => {
  it("are valid by their schemas, and hold what is in the root tree", async () => {
    await using it = await attachedFile();
    const [spdx, cyclonedx] = it.documents.map(({ text }) => JSON.parse(text) as { "@graph": { name?: string }[] });
    expect(sbomProblems("spdx", spdx)).toEqual([]);
    expect(sbomProblems("cyclonedx", cyclonedx)).toEqual([]);
    expect(spdx?.["@graph"].map(({ name }) => name)).toEqual(
      expect.arrayContaining(["disk.raw", "small", "usr/bin/tool"]),
    );
    expect(JSON.stringify(cyclonedx)).toContain('"usr/bin/tool"');
  });

  it("lie beside a file, and are found there", async () => {
    await using it = await attachedFile();
    expect(it.places).toEqual([`${it.path}.spdx.json`, `${it.path}.cdx.json`]);
    for (const [index, format] of (["spdx", "cyclonedx"] as const).entries())
      expect(await findSbom(it.path, format, options)).toEqual({
        artifact: it.path,
        sha256: sha256("a disk"),
        document: JSON.parse(it.documents[index]?.text ?? ""),
      });
  });

  it("are attached to an image, come along to a registry, and are found in both", async () => {
    await using it = await imageAndRegistry();
    using tree = openSbomTree();
    tree.write();
    const subject: WrittenSubject = { name: "hadron/small:v1", kind: "oci", sha256: it.root.digest.slice(7) };
    const documents = sbomsOf(subject, await contentsOf({ image: plan.image, kind: "oci", root: tree.root }));
    const places = await attachDocuments(documents, { kind: "oci", path: `${it.layout.path}:v1` }, context);
    // Once more is the same.
    expect(await attachDocuments(documents, { kind: "oci", path: it.layout.path }, context)).toEqual(places);
    // They don't hide the image from who opens the layout without naming it.
    const { manifests } = await it.layout.readIndex();
    await it.layout.writeIndex(manifests.filter(({ digest }) => digest !== it.signature.digest));
    const opened = await openImage(it.layout.path, { architecture: "amd64", scratch: join(it.folder, "scratch") });
    expect(opened.layers).toHaveLength(1);
    const found = await findSbom(it.layout.path, "spdx", options);
    expect(found).toMatchObject({ sha256: subject.sha256, document: JSON.parse(documents[0]?.text ?? "") });
    const { referrers } = await pushLayout(`${it.layout.path}:v1`, it.reference, it.common);
    expect(referrers).toEqual(expect.arrayContaining(places));
    const there = await findSbom(`${it.registry.host}/some/image:v1`, "cyclonedx", it.common);
    expect(there.document).toEqual(JSON.parse(documents[1]?.text ?? ""));
  });

  it("are found although somebody attached others, and refused where only others are there", async () => {
    await using it = await imageAndRegistry({ bytes: 100 });
    const place = { kind: "oci", path: `${it.layout.path}:v1` } as const;
    const attach = (hash: string) => {
      const document = { metadata: { component: { hashes: [{ alg: "SHA-256", content: hash }] } } };
      return attachDocuments([{ kind: attachedKinds.cyclonedx, text: JSON.stringify(document) }], place, context);
    };
    await attachDocuments([{ kind: attachedKinds.cyclonedx, text: "{" }], place, context);
    await expect(findSbom(it.layout.path, "cyclonedx", options)).rejects.toMatchObject({ code: "SBOM_MISMATCH" });
    for (const digit of "0123456789ab") await attach(digit.repeat(64));
    await expect(findSbom(it.layout.path, "cyclonedx", options)).rejects.toMatchObject({ code: "SBOM_MISMATCH" });
    await attach(it.root.digest.slice(7));
    expect(await findSbom(it.layout.path, "cyclonedx", options)).toMatchObject({ sha256: it.root.digest.slice(7) });
  });

  it("asked for an unknown artifact are refused, whatever it looks like", async () => {
    await expect(findSbom("cloud", "spdx", options)).rejects.toMatchObject({ kind: "usage", code: "ARTIFACT_UNKNOWN" });
    await expect(findSbom("/nonexistent/disk.raw", "spdx", options)).rejects.toMatchObject({
      code: "ARTIFACT_UNKNOWN",
      message: expect.stringContaining("/nonexistent/disk.raw"),
    });
    await using it = await imageAndRegistry();
    await it.push();
    await expect(findSbom(`${it.registry.host}/some/image:v1`, "spdx", it.common)).rejects.toMatchObject({
      code: "SBOM_MISSING",
    });
    await expect(findSbom(`${it.registry.host}/some/image:v2`, "spdx", it.common)).rejects.toMatchObject({
      code: "REGISTRY_NOT_FOUND",
    });
  });

  it("of another artifact, or none at all, are refused", async () => {
    await using it = await attachedFile();
    await writeFile(it.path, "another disk");
    await expect(findSbom(it.path, "spdx", options)).rejects.toMatchObject({
      code: "SBOM_MISMATCH",
      message: expect.stringContaining(sha256("another disk")),
    });
    await writeFile(`${it.path}.spdx.json`, '{"half');
    await expect(findSbom(it.path, "spdx", options)).rejects.toMatchObject({ code: "SBOM_MISMATCH" });
    const alone = `${it.path}.alone`;
    await writeFile(alone, "no bill of materials");
    await expect(findSbom(alone, "spdx", options)).rejects.toMatchObject({ kind: "input", code: "SBOM_MISSING" });
  });
});

const release = "usr/lib/extension-release.d/extension-release.tools";
const folder: Supplied = {
  // As the project's own part is called.
  name: "hadron",
  files: new Map([
    ["usr/bin/a tool", sha256("a tool")],
    ["opt/tool/data", sha256("data")],
  ]),
  made: new Map([[release, sha256("release")]]),
};
const image: Supplied = {
  name: "node.oci:v1",
  image: { sha256: sha256("a manifest"), of: "manifest" },
  files: new Map(),
  made: new Map([["etc/machine-id", sha256("")]]),
};

type Contents = Pick<BuiltArtifact, "kind" | "extensionName" | "root" | "supplied">;

async function documentsOf(contents: Contents): Promise<{ spdx: Spdx; cyclonedx: CycloneDxDocument }> {
  const subject: WrittenSubject = { name: "artifact.raw", kind: contents.kind, sha256: sha256("artifact") };
  const [spdx, cyclonedx] = sbomsOf(subject, await contentsOf({ image: plan.image, ...contents }));
  return { spdx: JSON.parse(spdx?.text ?? ""), cyclonedx: JSON.parse(cyclonedx?.text ?? "") };
}

const disk = async (supplied = image) => {
  using tree = openSbomTree();
  tree.write();
  return await documentsOf({ kind: "disk", root: tree.root, supplied });
};
const extension = (kind: "sysext" | "confext", supplied = folder) =>
  documentsOf({ kind, extensionName: "tools", supplied });

const noAssertion = "expandedlicensing_NoAssertionLicense";

describe.each([
  ["a system extension", () => extension("sysext")],
  ["a configuration extension", () => extension("confext")],
  ["an extension of a container image", () => extension("sysext", { ...folder, ...image, files: folder.files })],
  ["a disk of a container image", () => disk()],
])("the bills of materials of %s", (_what, make) => {
  it("are valid by their schemas, the same each time, and name nothing that is not in them", async () => {
    const { spdx, cyclonedx } = await make();
    expect(sbomProblems("spdx", spdx)).toEqual([]);
    expect(sbomProblems("cyclonedx", cyclonedx)).toEqual([]);
    expect(await make()).toEqual({ spdx, cyclonedx });
    const ids = spdx["@graph"].flatMap(({ spdxId }) => spdxId ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const named = spdx["@graph"].flatMap(({ from, to = [] }) => (from === undefined ? to : [from, ...to]));
    expect(named.filter((id) => !ids.includes(id) && id !== noAssertion)).toEqual([]);
    const refs = cyclonedx.dependencies.map(({ ref }) => ref);
    expect(new Set(refs).size).toBe(refs.length);
    for (const { dependsOn = [] } of cyclonedx.dependencies) expect(refs).toEqual(expect.arrayContaining(dependsOn));
  });
});

it("the bills of materials of an extension have each given file with its digest, and no licence for them", async () => {
  const { spdx, cyclonedx } = await extension("sysext");
  expect(cyclonedx.metadata.component).toMatchObject({
    name: "artifact.raw",
    hashes: [{ content: sha256("artifact") }],
  });
  const [content] = cyclonedx.components;
  expect(content).toMatchObject({ type: "application", name: "tools" });
  const [given, own] = content?.components ?? [];
  expect(given).toMatchObject({ name: "hadron", licenses: [{ license: { name: "NOASSERTION" } }] });
  expect(given?.components?.map(({ name, hashes }) => [name, hashes?.[0]?.content])).toEqual([...folder.files]);
  expect(own).toMatchObject({ name: "hadron", components: [{ name: release }] });
  const element = (name: string) => spdx["@graph"].find((one) => one.name === name);
  for (const [path, digest] of [...folder.files, ...folder.made])
    expect(element(path)).toMatchObject({ type: "software_File", verifiedUsing: [{ hashValue: digest }] });
  const unknown = spdx["@graph"].filter(({ to }) => to?.includes(noAssertion));
  expect(unknown).toMatchObject([
    { relationshipType: "hasDeclaredLicense", from: expect.stringMatching(/:supplied$/) },
  ]);
});

it("the bills of materials of a disk that a container image is the root of have that by its digest, and the kernel with its source", async () => {
  const { spdx, cyclonedx } = await disk();
  const parts = cyclonedx.components[0]?.components ?? [];
  expect(parts.map(({ name }) => name)).toEqual(["node.oci:v1", "linux", "initrd", "hadron"]);
  expect(parts[0]).toMatchObject({
    type: "container",
    hashes: [{ alg: "SHA-256", content: sha256("a manifest") }],
    licenses: [{ license: { name: "NOASSERTION" } }],
  });
  expect(parts[1]?.pedigree?.ancestors).toMatchObject([{ name: "linux" }]);
  const given = spdx["@graph"].find(({ name }) => name === "node.oci:v1");
  expect(JSON.stringify(spdx)).not.toContain("usr/bin/tool");
  expect(given).toMatchObject({ type: "software_Package" });
  const byDigest = spdx["@graph"].filter(({ verifiedUsing }) => verifiedUsing?.[0]?.hashValue === sha256("a manifest"));
  expect(byDigest).toMatchObject([{ name: "node.oci:v1", software_primaryPurpose: "container" }]);
});

it("the bills of materials of an extension lie beside it, and are found there", async () => {
  await using place = await mkdtempDisposable(join(tmpdir(), "hadron-supplied-"));
  const path = join(place.path, "tools.raw");
  await writeFile(path, "artifact");
  const subject: WrittenSubject = { name: "tools.raw", kind: "sysext", sha256: sha256("artifact") };
  const built = { image: plan.image, kind: "sysext", extensionName: "tools", supplied: folder } as const;
  const context = { environment: {}, emit: silent, signal: new AbortController().signal };
  await attachDocuments(sbomsOf(subject, await contentsOf(built)), { kind: "sysext", path }, context);
  for (const format of ["spdx", "cyclonedx"] as const)
    expect(await findSbom(path, format, { environment: {} })).toMatchObject({ sha256: sha256("artifact") });
});
