import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type SourceLock, sourceNames } from "../engine/mod.ts";
import { recipe } from "../recipe/mod.ts";
import { image } from "../rootfs/mod.ts";
import { renderSbom, type SbomInput } from "./sbom.ts";

const script = (): string => "";
const made = (name: string, more: object = {}) =>
  recipe({ name, summary: `The ${name}`, needs: {}, build: script, test: script, ...more });
const musl = made("musl", { bootstrap: true });
const headers = made("linux-headers", { bootstrap: true, sources: ["linux"] });
const zlib = made("zlib");
const tool = made("tool", { needs: { libs: [zlib] } });
const kernel = made("linux");
const recipes = new Map([musl, headers, zlib, tool, kernel].map((it) => [it.name, it]));

const bytes = "12345";
const [upstream, repack] = ["a", "b"].map((letter) => letter.repeat(64)) as [string, string];
const lock: SourceLock = {
  version: 1,
  sources: Object.fromEntries(
    ["linux", "musl", "tool", "zlib"].map((name) => [
      name,
      {
        version: "1.2",
        licence: "MIT",
        homepage: `https://${name}.example/`,
        candidates: [
          { origin: "upstream", sha256: upstream, size: 4, places: [`https://${name}.example/${name}.tar.gz`] },
          { origin: "debian-repack", sha256: repack, size: 5, places: [`debian:pool/main/${name}.orig.tar.xz`] },
        ],
      },
    ]),
  ),
};

let cacheRoot: string;
beforeAll(() => {
  cacheRoot = mkdtempSync(join(tmpdir(), "hadron-sbom-"));
});
afterAll(() => rmSync(cacheRoot, { recursive: true }));

interface Document {
  packages: { SPDXID: string; name: string; sourceInfo?: string; checksums?: { checksumValue: string }[] }[];
  relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
}

function input(more: Partial<SbomInput> = {}): SbomInput {
  const described = image({
    name: "small",
    summary: "For a test",
    version: "1.0.0",
    components: [musl, tool],
    kernel,
    commandLine: ["quiet"],
    liveCommandLine: ["quiet"],
    layout: { esp: 64, root: 64, verity: 8 },
    bootTries: 3,
  });
  return { image: described, recipes, lock, cacheRoot, requireUpstream: false, key: "c".repeat(64), ...more };
}

it("names every component of the image with its libraries and kernel, and what each was built from", () => {
  const { packages, relationships } = JSON.parse(renderSbom(input())) as Document;
  const contained = relationships.filter(({ relationshipType }) => relationshipType === "CONTAINS");
  expect(contained.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual(
    ["musl", "tool", "zlib", "linux"].map((name) => `SPDXRef-Component-${name}`),
  );
  expect(packages.filter(({ SPDXID }) => SPDXID.includes("-Source-")).map(({ name }) => name)).toEqual(
    expect.arrayContaining(sourceNames(lock)),
  );
  const ids = new Set(packages.map(({ SPDXID }) => SPDXID));
  expect(ids.size).toBe(packages.length);
  for (const { relatedSpdxElement } of relationships) expect(ids).toContain(relatedSpdxElement);
});

it("says which candidate was used: the one that is in the store, unless upstream's is required", () => {
  const ofZlib = (more?: Partial<SbomInput>) =>
    (JSON.parse(renderSbom(input(more))) as Document).packages.find(({ SPDXID }) => SPDXID === "SPDXRef-Source-zlib");
  expect(ofZlib()?.checksums?.[0]?.checksumValue).toBe(upstream);
  mkdirSync(join(cacheRoot, "sources"));
  writeFileSync(join(cacheRoot, "sources", repack), bytes);
  expect(ofZlib()?.checksums?.[0]?.checksumValue).toBe(repack);
  expect(ofZlib()?.sourceInfo).toBe(
    "Repacked by Debian (debian-repack); to be had from: debian:pool/main/zlib.orig.tar.xz",
  );
  expect(ofZlib({ requireUpstream: true })?.sourceInfo).toContain("Upstream's file");
});
