import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import cloud from "../../images/cloud.ts";
import { projectRoot, sha256 } from "../../src/base/mod.ts";
import { loadRecipes } from "../../src/graph/mod.ts";
import { recipe, targets } from "../../src/recipe/mod.ts";
import { image } from "../../src/rootfs/image.ts";
import { foreignText } from "../../src/rootfs/lint/foreign-text.ts";
import { openTree } from "../../src/rootfs/lint/tree.ts";
import type { RootfsPlan } from "../../src/rootfs/plan.ts";
import { sbomFacts } from "../../src/rootfs/sbom/facts.ts";
import { sbomFolder, sbomScript } from "../../src/rootfs/sbom/sbom-script.ts";
import type { SourceFacts } from "../../src/rootfs/source-facts.ts";
import { sbomProblems } from "../schemas/validate.ts";

const script = (): string => "";
const made = (name: string, more: object = {}) =>
  recipe({ name, summary: `The ${name} "of" tests`, build: script, test: script, ...more });
const headers = made("linux-headers", { bootstrap: true, sources: ["linux"] });
const musl = made("musl", { bootstrap: true });
const zlib = made("zlib");
const tool = made("tool", { needs: { libs: [zlib] }, sources: ["tool", "tool-data"] });
const own = made("own", { sources: [] });
const kernel = made("linux");
const recipes = new Map([headers, musl, zlib, tool, own, kernel].map((one) => [one.name, one]));

const fingerprint = "A".repeat(40);
const facts = (name: string): SourceFacts => ({
  version: "1.2+3",
  licence: name === "tool-data" ? "MIT OR Zlib" : "GPL-2.0-only",
  homepage: `https://${name}.example/`,
  keys: { [fingerprint]: "Somebody <them@example>" },
  candidates: [
    {
      origin: "upstream",
      sha256: sha256(`${name} of upstream`),
      places: [`https://${name}.example/${name}.tar.gz`],
      signature: { keyFingerprint: fingerprint, made: "2026-01-02" },
    },
    { origin: "debian-repack", sha256: sha256(`${name} of Debian`), places: [`debian:pool/${name}.orig.tar.xz`] },
  ],
});
const sources = new Map(["linux", "musl", "tool", "tool-data", "zlib"].map((name) => [name, facts(name)]));

const plan: RootfsPlan = {
  image: image({
    name: "small",
    summary: "For a test",
    version: "1.0.0",
    components: [musl, tool, own],
    kernel,
    commandLine: ["quiet"],
    liveCommandLine: ["quiet"],
    layout: { esp: 64, root: 64, verity: 8 },
    bootTries: 3,
  }),
  target: targets.x86_64,
  recipes,
  sources,
  at: "images/small.ts:1",
};

const unit = "usr/lib/systemd/system/system-a\\x2db.slice";
/** Component → its files; all of them are in the tree, with other bytes, as stripping leaves them. */
const components: Record<string, string[]> = {
  musl: ["usr/lib/libc.so"],
  tool: ["usr/bin/tool", unit, "usr/lib/libz.so.1"],
  zlib: ["usr/lib/libz.so.1"],
  own: [],
  linux: ["usr/lib/modules/6.12/modules.builtin"],
};

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "hadron-sbom-"));
});
afterEach(() => rmSync(work, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(work, path)), { recursive: true });
  writeFileSync(join(work, path), text);
}

/** The documents of a tree at `out`, after {@link makeTree}. */
function write(of = plan, origin: "upstream" | "debian-repack" = "upstream"): { spdx: Spdx; cyclonedx: CycloneDx } {
  const all = sbomFacts(of);
  const pins = [...all.sources].map(
    ([name, { candidates }]) => `${candidates.find((one) => one.origin === origin)?.sha256}  ${name}\n`,
  );
  put("needs/pins", pins.join(""));
  put("scratch/keep", "");
  const owners = all.parts.map(({ name }) => name).filter((name) => name !== "hadron");
  for (const owner of owners) mkdirSync(join(work, "needs/components", owner), { recursive: true });
  const places = { needs: join(work, "needs"), work: join(work, "scratch"), out: join(work, "out") };
  put("script", sbomScript(all, owners, places));
  execFileSync("bash", ["--norc", "-euo", "pipefail", join(work, "script")], {
    env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const read = (name: string): unknown => JSON.parse(readFileSync(join(work, "out", sbomFolder, name), "utf8"));
  return { spdx: read("sbom.spdx.json") as Spdx, cyclonedx: read("sbom.cdx.json") as CycloneDx };
}

function makeTree(): void {
  rmSync(join(work, "out"), { recursive: true, force: true });
  for (const [component, paths] of Object.entries(components))
    for (const path of paths) {
      put(`needs/components/${component}/${path}`, "as it was built");
      put(`out/${path}`, `${path}, stripped`);
    }
  put("out/etc/passwd", "root");
  symlinkSync("tool", join(work, "out/usr/bin/link"));
}

interface Spdx {
  "@graph": {
    type: string;
    /** All have one but the information on the creation. */
    spdxId?: string;
    name?: string;
    from?: string;
    to?: string[];
    relationshipType?: string;
    verifiedUsing?: { hashValue: string }[];
    software_sourceInfo?: string;
    simplelicensing_licenseExpression?: string;
  }[];
}
interface Component {
  name: string;
  hashes?: { content: string }[];
  licenses?: { expression: string }[];
  components?: Component[];
  pedigree?: { ancestors: (Component & { properties: { value: string }[] })[] };
}
interface CycloneDx {
  serialNumber: string;
  components: Component[];
}

/** From an element's name over relationships of these kinds, one after the other: the names at the end, sorted. */
function follow({ "@graph": graph }: Spdx, type: string, name: string, ...kinds: string[]): string[] {
  const label = (id: string) => {
    const found = graph.find(({ spdxId }) => spdxId === id);
    return found?.name ?? found?.simplelicensing_licenseExpression ?? id;
  };
  let ids = graph.filter((one) => one.name === name && one.type === type).map(({ spdxId = "" }) => spdxId);
  for (const kind of kinds) {
    const [back, want] = kind.startsWith("<") ? [true, kind.slice(1)] : [false, kind];
    const edges = graph.filter(({ relationshipType }) => relationshipType === want);
    ids = back
      ? edges.filter(({ to }) => to?.some((id) => ids.includes(id))).map(({ from = "" }) => from)
      : edges.filter(({ from = "" }) => ids.includes(from)).flatMap(({ to = [] }) => to);
  }
  return [...new Set(ids.map(label))].sort();
}

describe("the bills of materials of a tree", () => {
  it("are valid by their published schemas", () => {
    makeTree();
    const { spdx, cyclonedx } = write();
    expect(sbomProblems("spdx", spdx)).toEqual([]);
    expect(sbomProblems("cyclonedx", cyclonedx)).toEqual([]);
    expect(sbomProblems("spdx", { ...spdx, "@graph": [{ type: "software_File" }] })).not.toEqual([]);
    expect(sbomProblems("cyclonedx", { ...cyclonedx, components: [{ name: "no type" }] })).not.toEqual([]);
  });

  it("lead from every file to its recipe, sources and licence", () => {
    makeTree();
    const { spdx, cyclonedx } = write();
    const paths = [...new Set(Object.values(components).flat()), "etc/passwd"].sort();
    const listed = spdx["@graph"].filter(({ type }) => type === "software_File");
    expect(listed.map(({ name }) => name)).toEqual(paths);
    for (const path of paths)
      expect(listed.find(({ name }) => name === path)?.verifiedUsing?.[0]?.hashValue).toBe(
        sha256(readFileSync(join(work, "out", path))),
      );
    const of = (path: string, ...kinds: string[]) => follow(spdx, "software_File", path, "<contains", ...kinds);
    expect(paths.map((path) => `${path}: ${of(path)}`)).toEqual([
      "etc/passwd: hadron",
      "usr/bin/tool: tool",
      "usr/lib/libc.so: musl",
      "usr/lib/libz.so.1: tool",
      "usr/lib/modules/6.12/modules.builtin: linux",
      `${unit}: tool`,
    ]);
    expect(of("usr/bin/tool", "<hasOutput", "hasInput")).toEqual(["tool", "tool-data"]);
    expect(of("usr/bin/tool", "hasDeclaredLicense")).toEqual(["GPL-2.0-only AND (MIT OR Zlib)"]);
    expect(of("usr/bin/tool", "dependsOn")).toEqual(["musl", "zlib"]);
    expect(of("etc/passwd", "hasDeclaredLicense")).toEqual(["Apache-2.0"]);
    const part = cyclonedx.components.find(({ name }) => name === "tool");
    expect(part?.components?.map(({ name }) => name)).toEqual(["usr/bin/tool", "usr/lib/libz.so.1", unit]);
    expect(part?.pedigree?.ancestors.map(({ name }) => name)).toEqual(["tool", "tool-data"]);
    expect(part?.licenses).toMatchObject([{ expression: "GPL-2.0-only AND (MIT OR Zlib)" }]);
    const files = cyclonedx.components.flatMap((component) => component.components ?? []);
    expect(files.map(({ name }) => name).sort()).toEqual(paths);
    expect(files.map(({ hashes }) => hashes?.[0]?.content).sort()).toEqual(
      listed.map(({ verifiedUsing }) => verifiedUsing?.[0]?.hashValue).sort(),
    );
  });

  it("say of each source whose bytes were used, and who signed them", () => {
    makeTree();
    const origin = ({ spdx, cyclonedx }: ReturnType<typeof write>) => [
      spdx["@graph"].find(({ spdxId }) => spdxId?.endsWith(":source:zlib")),
      cyclonedx.components.find(({ name }) => name === "zlib")?.pedigree?.ancestors[0],
    ];
    const text = `Upstream's file (upstream); signed by ${fingerprint} (Somebody <them@example>); to be had from: https://zlib.example/zlib.tar.gz`;
    const upstream = sha256("zlib of upstream");
    expect(origin(write())).toMatchObject([
      { software_sourceInfo: text, verifiedUsing: [{ hashValue: upstream }] },
      { properties: [{ value: text }], hashes: [{ content: upstream }] },
    ]);
    makeTree();
    const repack = sha256("zlib of Debian");
    expect(origin(write(plan, "debian-repack"))).toMatchObject([
      {
        software_sourceInfo: "Repacked by Debian (debian-repack); to be had from: debian:pool/zlib.orig.tar.xz",
        verifiedUsing: [{ hashValue: repack }],
      },
      { hashes: [{ content: repack }] },
    ]);
  });

  it("are the same for the same tree, and have names of their own for another", () => {
    makeTree();
    const first = write();
    makeTree();
    const again = write();
    expect(again).toEqual(first);
    makeTree();
    put("out/usr/bin/tool", "changed");
    const other = write();
    expect(other.cyclonedx.serialNumber).not.toBe(first.cyclonedx.serialNumber);
    const ids = ({ spdx }: typeof first) => spdx["@graph"].map(({ spdxId }) => spdxId).filter(Boolean);
    expect(new Set(ids(first)).size).toBe(ids(first).length);
    expect(ids(other).filter((id) => ids(first).includes(id))).toEqual([]);
  });

  it("refuse bytes of a source that the lock does not know", () => {
    makeTree();
    expect(() =>
      write({ ...plan, sources: new Map([...sources].map(([name]) => [name, { ...facts(name), candidates: [] }])) }),
    ).toThrow(/No bytes of the source \w+ are known/);
  });

  it("of this project's own image have nothing that gives away a build's places, and licences that SPDX knows", async () => {
    const lock = JSON.parse(readFileSync(join(projectRoot, "sources.lock.json"), "utf8")) as {
      sources: Record<string, SourceFacts>;
    };
    const real = { ...plan, image: cloud, recipes: await loadRecipes(join(projectRoot, "recipes")) };
    const ofLock = new Map(Object.entries(lock.sources));
    makeTree();
    const upstreamFirst = new Map(
      [...ofLock].map(([name, one]) => [name, { ...one, candidates: [{ ...one.candidates[0], origin: "upstream" }] }]),
    ) as RootfsPlan["sources"];
    const documents = write({ ...real, sources: upstreamFirst });
    expect(sbomProblems("spdx", documents.spdx)).toEqual([]);
    expect(sbomProblems("cyclonedx", documents.cyclonedx)).toEqual([]);
    expect(foreignText.check(openTree(join(work, "out")), { loader: "", toolboxFiles: new Set() })).toEqual([]);
    const parse = createRequire(import.meta.url)("spdx-expression-parse") as (expression: string) => unknown;
    for (const { licence } of ofLock.values()) expect(() => parse(licence), licence).not.toThrow();
    expect(() => parse("no licence")).toThrow();
  });
});
