import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Provenance, Statement } from "../../src/attest/mod.ts";
import { sha256OfFile } from "../../src/base/mod.ts";
import { readTree, type TreeEntry, treeDigest } from "../../src/engine/mod.ts";
import { type CycloneDxDocument, sbomPath, spdxOf, spdxPath } from "../../src/rootfs/mod.ts";
import { sbomProblems } from "../schemas/validate.ts";
import type { CycloneDx, Spdx } from "../unit/sbom-tree.ts";
import { artifact, freshFolder, stepOutput, testedImage } from "./support/artifacts.ts";
import { hadronData } from "./support/hadron-command.ts";

let root: string;
let spdx: Spdx;
let spdxInImage: Spdx;
let cyclonedx: CycloneDx;
let files: (TreeEntry & { type: "file" })[];

beforeAll(async () => {
  root = await stepOutput("root");
  const document = JSON.parse(await readFile(join(root, sbomPath), "utf8")) as CycloneDxDocument & CycloneDx;
  spdx = spdxOf(document);
  spdxInImage = JSON.parse(await readFile(join(root, spdxPath), "utf8")) as Spdx;
  cyclonedx = document;
  files = (await readTree(root)).filter((entry) => entry.type === "file");
});

describe("the bills of materials in the image, and the SPDX that artifacts get", () => {
  it("are valid by their schemas", () => {
    expect(sbomProblems("spdx", spdx)).toEqual([]);
    expect(sbomProblems("spdx", spdxInImage)).toEqual([]);
    expect(sbomProblems("cyclonedx", cyclonedx)).toEqual([]);
  });

  it("name every regular file of the root tree, with its digest, once", () => {
    const listed = files.filter(({ path }) => path !== sbomPath && path !== spdxPath);
    const expected = listed.map(({ path, sha256 }) => `${sha256} ${path}`);
    const ofSpdx = spdx["@graph"]
      .filter(({ type }) => type === "software_File")
      .map(({ name, verifiedUsing }) => `${verifiedUsing?.[0]?.hashValue} ${name}`);
    const ofCycloneDx = cyclonedx.components
      .flatMap(({ components = [] }) => components)
      .map(({ name, hashes }) => `${hashes?.[0]?.content} ${name}`);
    expect(expected.length).toBeGreaterThan(500);
    expect(ofSpdx.sort()).toEqual(expected.sort());
    expect(ofCycloneDx.sort()).toEqual(expected);
  });

  it("name the same packages, sources and builds in the image, by the same names", () => {
    const rest = spdx["@graph"].filter(({ type }) => !["CreationInfo", "Relationship", "software_File"].includes(type));
    const idsOf = (elements: Spdx["@graph"]) => elements.map(({ spdxId }) => spdxId);
    expect(rest.length).toBeGreaterThan(100);
    expect(idsOf(spdxInImage["@graph"])).toEqual(expect.arrayContaining(idsOf(rest)));
  });

  it("say whose a file is, and what that was made from", () => {
    const owner = (path: string) =>
      cyclonedx.components.find(({ components = [] }) => components.some(({ name }) => name === path));
    expect(owner("usr/bin/busybox")).toMatchObject({
      name: "busybox",
      licenses: [{ expression: expect.stringContaining("GPL-2.0-only") }],
      pedigree: { ancestors: [{ name: "busybox", hashes: [{ content: expect.stringMatching(/^[0-9a-f]{64}$/) }] }] },
    });
    expect(owner("usr/lib/systemd/systemd")?.name).toBe("systemd");
    expect(owner("etc/passwd")?.name).toBe("hadron");
  });
});

it("an artifact's bill of materials is found beside it, and is of it", async () => {
  const disk = await artifact("disk");
  const found = await hadronData<{ document: unknown }>(["sbom", disk]);
  expect(sbomProblems("spdx", found.document)).toEqual([]);
});

it("an artifact's provenance lies beside it, is of it, and names the steps that led to it", async () => {
  const disk = await artifact("disk");
  const statement = JSON.parse(await readFile(`${disk}.provenance.json`, "utf8")) as Statement<Provenance>;
  expect(statement.subject).toEqual([{ name: basename(disk), digest: { sha256: await sha256OfFile(disk) } }]);
  const steps = statement.predicate.runDetails.byproducts?.map(({ name }) => name);
  expect(steps).toEqual(
    expect.arrayContaining(["musl", "systemd", `${testedImage.name}:root`, `${testedImage.name}:disk`]),
  );
  const root = statement.predicate.runDetails.byproducts?.find(({ name }) => name === `${testedImage.name}:root`);
  expect(root?.digest).toEqual({ "hadron-tree-1": treeDigest(await readTree(await stepOutput("root"))) });
});

it("a container image's is attached to it in its layout", async () => {
  const layout = join(await freshFolder("sbom"), "image.oci");
  const { sha256 } = await hadronData<{ sha256: string }>([
    ...["image", testedImage.name, "--as", "oci", "--output", layout],
  ]);
  const found = await hadronData<{ sha256: string; document: unknown }>(["sbom", layout, "--format", "cyclonedx"]);
  expect(found.sha256).toBe(sha256);
  expect(sbomProblems("cyclonedx", found.document)).toEqual([]);
});
