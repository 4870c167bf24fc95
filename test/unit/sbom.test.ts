import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import cloud from "../../images/cloud.ts";
import { projectRoot, sha256 } from "../../src/base/mod.ts";
import { loadRecipes } from "../../src/graph/mod.ts";
import { foreignText } from "../../src/rootfs/lint/foreign-text.ts";
import { openTree } from "../../src/rootfs/lint/tree.ts";
import type { RootfsPlan } from "../../src/rootfs/plan.ts";
import type { SourceFacts } from "../../src/rootfs/source-facts.ts";
import { sbomProblems } from "../schemas/validate.ts";
import {
  components,
  development,
  factsOf,
  fingerprint,
  openSbomTree,
  plan,
  type SbomTree,
  type Spdx,
  sources,
  unit,
} from "./sbom-tree.ts";

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

/** From a path to the components that have it, by SPDX. */
function ownersOf(spdx: Spdx, paths: readonly string[]): string[] {
  return paths.map((path) => `${path}: ${follow(spdx, "software_File", path, "<contains")}`);
}

describe("the bills of materials of a tree", () => {
  it("are valid by their published schemas", () => {
    using tree = openSbomTree();
    const { spdx, spdxInImage, cyclonedx } = tree.write();
    expect(sbomProblems("spdx", spdx)).toEqual([]);
    expect(sbomProblems("spdx", spdxInImage)).toEqual([]);
    expect(sbomProblems("cyclonedx", cyclonedx)).toEqual([]);
    expect(sbomProblems("spdx", { ...spdx, "@graph": [{ type: "software_File" }] })).not.toEqual([]);
    expect(sbomProblems("cyclonedx", { ...cyclonedx, components: [{ name: "no type" }] })).not.toEqual([]);
  });

  it("lead from every file to its recipe, sources and licence", () => {
    using tree = openSbomTree();
    const { spdx, cyclonedx } = tree.write();
    const paths = [...new Set(Object.values(components).flat()), "etc/passwd"].sort();
    const listed = spdx["@graph"].filter(({ type }) => type === "software_File");
    expect(listed.map(({ name }) => name)).toEqual(paths);
    for (const path of paths)
      expect(listed.find(({ name }) => name === path)?.verifiedUsing?.[0]?.hashValue).toBe(
        sha256(readFileSync(join(tree.root, path))),
      );
    const of = (path: string, ...kinds: string[]) => follow(spdx, "software_File", path, "<contains", ...kinds);
    expect(ownersOf(spdx, paths)).toEqual([
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

  it("know whose the kernel's modules are, signed and packed", () => {
    using tree = openSbomTree();
    const files = ["usr/lib/modules/6.12/kernel/a.ko.zst", "usr/lib/modules/6.12/modules.dep.bin"];
    tree.make({ linux: files });
    const { spdx } = tree.write();
    expect(ownersOf(spdx, files)).toEqual(files.map((path) => `${path}: linux`));
  });

  it("know whose the compiler's files are in an image to build in", () => {
    using tree = openSbomTree();
    tree.make({
      binutils: ["cross/bin/ld"],
      toolchain: ["cross/bin/ld", "cross/meson.cross"],
      "linux-headers": ["usr/include/linux/a.h"],
    });
    const { spdx, cyclonedx } = tree.write(development);
    expect(sbomProblems("spdx", spdx)).toEqual([]);
    expect(sbomProblems("cyclonedx", cyclonedx)).toEqual([]);
    const files = ["cross/bin/ld", "cross/meson.cross", "usr/include/linux/a.h"];
    expect(ownersOf(spdx, files)).toEqual([
      "cross/bin/ld: binutils",
      "cross/meson.cross: toolchain",
      "usr/include/linux/a.h: linux-headers",
    ]);
  });

  it("say of each source whose bytes were used, and who signed them", () => {
    using tree = openSbomTree();
    const origin = ({ spdx, cyclonedx }: ReturnType<SbomTree["write"]>) => [
      spdx["@graph"].find(({ spdxId }) => spdxId?.endsWith(":source:zlib")),
      cyclonedx.components.find(({ name }) => name === "zlib")?.pedigree?.ancestors[0],
    ];
    const text = `Upstream's file (upstream); signed by ${fingerprint} (Somebody <them@example>); to be had from: https://zlib.example/zlib.tar.gz`;
    const upstream = sha256("zlib of upstream");
    expect(origin(tree.write())).toMatchObject([
      { software_sourceInfo: text, verifiedUsing: [{ hashValue: upstream }] },
      { properties: [{ value: text }], hashes: [{ content: upstream }] },
    ]);
    tree.make();
    const repack = sha256("zlib of Debian");
    expect(origin(tree.write(plan, "debian-repack"))).toMatchObject([
      {
        software_sourceInfo: "Repacked by Debian (debian-repack); to be had from: debian:pool/zlib.orig.tar.xz",
        verifiedUsing: [{ hashValue: repack }],
      },
      { hashes: [{ content: repack }] },
    ]);
  });

  it.each(["upstream", "debian-repack"] as const)(
    "say as SPDX in the image, but for files, what artifacts get (sources: %s)",
    (origin) => {
      using tree = openSbomTree();
      const { spdx, spdxInImage } = tree.write(plan, origin);
      const listsFiles = ({ type, spdxId = "" }: Spdx["@graph"][number]) =>
        type === "software_File" || spdxId.includes(":files-of:");
      expect(spdx["@graph"].filter(listsFiles)).not.toEqual([]);
      const rest = spdx["@graph"].filter((element) => !listsFiles(element));
      expect(spdxInImage["@graph"]).toEqual(
        rest.map((element) =>
          element.type === "SpdxDocument" ? { ...element, comment: expect.stringContaining("sbom.cdx.json") } : element,
        ),
      );
    },
  );

  it("are the same for the same tree, and have names of their own for another", () => {
    using tree = openSbomTree();
    const first = tree.write();
    tree.make();
    const again = tree.write();
    expect(again).toEqual(first);
    tree.make();
    tree.put("out/usr/bin/tool", "changed");
    const other = tree.write();
    expect(other.cyclonedx.serialNumber).not.toBe(first.cyclonedx.serialNumber);
    const ids = ({ spdx }: typeof first) => spdx["@graph"].map(({ spdxId }) => spdxId).filter(Boolean);
    expect(new Set(ids(first)).size).toBe(ids(first).length);
    expect(ids(other).filter((id) => ids(first).includes(id))).toEqual([]);
  });

  it("refuse bytes of a source that the lock does not know", () => {
    using tree = openSbomTree();
    expect(() =>
      tree.write({
        ...plan,
        sources: new Map([...sources].map(([name]) => [name, { ...factsOf(name), candidates: [] }])),
      }),
    ).toThrow(/No bytes of the source \w+ are known/);
  });

  it("of this project's own image have nothing that gives away a build's places, and licences that SPDX knows", async () => {
    const lock = JSON.parse(readFileSync(join(projectRoot, "sources.lock.json"), "utf8")) as {
      sources: Record<string, SourceFacts>;
    };
    const real = { ...plan, image: cloud, recipes: await loadRecipes(join(projectRoot, "recipes")) };
    const ofLock = new Map(Object.entries(lock.sources));
    using tree = openSbomTree();
    const upstreamFirst = new Map(
      [...ofLock].map(([name, one]) => [name, { ...one, candidates: [{ ...one.candidates[0], origin: "upstream" }] }]),
    ) as RootfsPlan["sources"];
    const documents = tree.write({ ...real, sources: upstreamFirst });
    expect(sbomProblems("spdx", documents.spdx)).toEqual([]);
    expect(sbomProblems("spdx", documents.spdxInImage)).toEqual([]);
    expect(sbomProblems("cyclonedx", documents.cyclonedx)).toEqual([]);
    expect(foreignText.check(openTree(tree.root), { loader: "", toolboxFiles: new Set() })).toEqual([]);
    const parse = createRequire(import.meta.url)("spdx-expression-parse") as (expression: string) => unknown;
    for (const { licence } of ofLock.values()) expect(() => parse(licence), licence).not.toThrow();
    expect(() => parse("no licence")).toThrow();
  });
});
