import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256, silent } from "../../src/base/mod.ts";
import { attachDocuments, contentsOf, sbomsOf } from "../../src/cli/attach.ts";
import type { BuiltArtifact } from "../../src/cli/build-artifact.ts";
import { findSbom } from "../../src/cli/find-sbom.ts";
import type { Supplied, WrittenSubject } from "../../src/image/mod.ts";
import type { CycloneDxDocument } from "../../src/rootfs/mod.ts";
import { sbomProblems } from "../schemas/validate.ts";
import { openSbomTree, plan, type Spdx } from "./sbom-tree.ts";

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
