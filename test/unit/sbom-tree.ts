import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sha256 } from "../../src/base/mod.ts";
import { recipe, targets } from "../../src/recipe/mod.ts";
import { image } from "../../src/rootfs/image.ts";
import { ownersOf, type RootfsPlan } from "../../src/rootfs/plan.ts";
import type { CycloneDxDocument, SpdxDocument } from "../../src/rootfs/sbom/documents.ts";
import { sbomFacts } from "../../src/rootfs/sbom/facts.ts";
import { sbomPath, sbomScript, spdxPath } from "../../src/rootfs/sbom/sbom-script.ts";
import { spdxOf } from "../../src/rootfs/sbom/spdx.ts";
import type { SourceFacts } from "../../src/rootfs/source-facts.ts";

const script = (): string => "";
const made = (name: string, more: object = {}) =>
  recipe({ name, summary: `The ${name} "of" tests`, build: script, test: script, ...more });
const headers = made("linux-headers", { bootstrap: true, sources: ["linux"] });
const musl = made("musl", { bootstrap: true });
const zlib = made("zlib");
const tool = made("tool", { needs: { libs: [zlib] }, sources: ["tool", "tool-data"] });
const own = made("own", { sources: [] });
const kernel = made("linux");
const binutils = made("binutils", { bootstrap: true, output: "cross" });
const toolchain = made("toolchain", { bootstrap: true, output: "cross", sources: [], needs: { trees: [binutils] } });
const all = [headers, musl, zlib, tool, own, kernel, binutils, toolchain];
const recipes = new Map(all.map((one) => [one.name, one]));

export const fingerprint = "A".repeat(40);
export const factsOf = (name: string): SourceFacts => ({
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
export const sources = new Map(
  ["binutils", "linux", "musl", "tool", "tool-data", "zlib"].map((name) => [name, factsOf(name)]),
);

/** A small image, of which one component has no source and one has two. */
export const plan: RootfsPlan = {
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

/** The same to build against: with the compiler, which has binutils' files too. */
export const development: RootfsPlan = {
  ...plan,
  image: image({
    name: "building",
    summary: "For a test",
    version: "1.0.0",
    components: [zlib, binutils, toolchain],
    development: true,
  }),
};

export const unit = "usr/lib/systemd/system/system-a\\x2db.slice";
/** Component → its files; all of them are in the tree, with other bytes, as stripping leaves them. */
export const components: Record<string, string[]> = {
  musl: ["usr/lib/libc.so"],
  tool: ["usr/bin/tool", unit, "usr/lib/libz.so.1"],
  zlib: ["usr/lib/libz.so.1"],
  own: [],
  linux: ["usr/lib/modules/6.12/modules.builtin"],
};

/** A root tree in a temporary folder, and the script that writes its bill of materials. */
export interface SbomTree extends Disposable {
  /** The tree. */
  root: string;
  put(path: string, text: string): void;
  /**
   * Makes the tree as it is before it has a bill of materials.
   * @param of Component → its files
   */
  make(of?: Record<string, string[]>): void;
  /** Runs the script, and makes the SPDX that artifacts get of the CycloneDX that it wrote. */
  write(
    of?: RootfsPlan,
    origin?: "upstream" | "debian-repack",
  ): { spdx: Spdx; spdxInImage: Spdx; cyclonedx: CycloneDx };
}

export function openSbomTree(): SbomTree {
  const work = mkdtempSync(join(tmpdir(), "hadron-sbom-"));
  const root = join(work, "out");
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), text);
  };
  const make = (of = components): void => {
    rmSync(root, { recursive: true, force: true });
    for (const [component, paths] of Object.entries(of))
      for (const path of paths) {
        put(`needs/components/${component}/${path}`, "as it was built");
        put(`out/${path}`, `${path}, stripped`);
      }
    put("out/etc/passwd", "root");
    mkdirSync(join(root, "usr/bin"), { recursive: true });
    symlinkSync("tool", join(root, "usr/bin/link"));
  };
  make();
  return {
    root,
    put,
    make,
    write: (of = plan, origin = "upstream") => {
      const all = sbomFacts(of);
      const pins = [...all.sources].map(
        ([name, { candidates }]) => `${candidates.find((one) => one.origin === origin)?.sha256}  ${name}\n`,
      );
      put("needs/pins", pins.join(""));
      put("scratch/keep", "");
      const owners = ownersOf(of).map(({ name }) => name);
      for (const owner of owners) mkdirSync(join(work, "needs/components", owner), { recursive: true });
      put("script", sbomScript(all, owners, { needs: join(work, "needs"), work: join(work, "scratch"), out: root }));
      execFileSync("bash", ["--norc", "-euo", "pipefail", join(work, "script")], {
        env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const document = JSON.parse(readFileSync(join(root, sbomPath), "utf8")) as CycloneDxDocument & CycloneDx;
      const spdxInImage = JSON.parse(readFileSync(join(root, spdxPath), "utf8")) as SpdxDocument & Spdx;
      return { spdx: spdxOf(document), spdxInImage, cyclonedx: document };
    },
    [Symbol.dispose]: () => rmSync(work, { recursive: true }),
  };
}

/** What tests look at. */
export interface Spdx {
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
export interface Component {
  name: string;
  hashes?: { content: string }[];
  licenses?: { expression: string }[];
  components?: Component[];
  pedigree?: { ancestors: (Component & { properties: { value: string }[] })[] };
}
export interface CycloneDx {
  serialNumber: string;
  components: Component[];
}
