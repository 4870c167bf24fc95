import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { releaseEntry } from "../../src/engine/archive-index.ts";
import { debianMirrors } from "../../src/engine/debian-mirror.ts";
import { parseSourcesIndex } from "../../src/engine/sources/debian-sources.ts";
import { parsePackagesIndex } from "../../src/engine/toolbox/packages-index.ts";
import { solveClosure } from "../../src/engine/toolbox/solve.ts";
import { spoiledText } from "./spoil.ts";
import { fileTarget, type Target, target } from "./target.ts";

const digest = "0123456789abcdef".repeat(4);

const packages = `Package: a
Version: 1:2.0-1+b1
Filename: pool/main/a/a/a_2.0_amd64.deb
Size: 100
SHA256: ${digest}
Pre-Depends: b (>= 1.0)
Depends: c:any (<< 2) | d [amd64], v

Package: b
Version: 1.0
Filename: pool/main/b/b/b_1.0_amd64.deb
Size: 1
SHA256: ${digest}
Provides: c (= 1.5), v
`;

const sources = `Package: zlib
Directory: pool/main/z/zlib
Checksums-Sha256:
 ${digest} 100 zlib_1.3.dfsg+really1.3.1.orig.tar.gz
 ${digest} 10 zlib_1.3.dfsg+really1.3.1.orig.tar.gz.asc
 ${digest} 20 zlib_1.3.dfsg+really1.3.1-1.debian.tar.xz
`;

const release = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Date: Sat, 09 Aug 2025 08:00:00 UTC
SHA256:
 ${digest}  1234 main/binary-amd64/Packages.gz
 ${digest}     9 main/source/Sources.gz
`;

const sourcesList = "deb [arch=amd64 signed-by=/x] http://mirror.example/debian trixie main # here\n";
const sourcesFile = "Types: deb\nURIs: http://mirror.example/debian file:/srv/debian\nSuites: trixie\nEnabled: yes\n";

const leadsUp = (path: string): boolean => path.split("/").includes("..");

/** Indexes of Debian's archive, and what says where it is. */
export const archive: readonly Target[] = [
  target({
    name: "a Packages index",
    few: 40,
    inputs: spoiledText([packages]),
    read: (text) => {
      const index = parsePackagesIndex(text);
      for (const { size, sha256, file } of index)
        if (!(size > 0) || !/^[0-9a-f]{64}$/.test(sha256) || leadsUp(file))
          throw new Error("A package that can't be had");
      solveClosure(index, ["a"]);
    },
  }),
  target({
    name: "a Sources index",
    few: 40,
    inputs: spoiledText([sources]),
    read: (text) => {
      for (const { place, sha256, size } of parseSourcesIndex(text, new Set(["zlib"])).get("zlib") ?? [])
        if (!(size > 0) || !/^[0-9a-f]{64}$/.test(sha256) || leadsUp(place))
          throw new Error("A source that can't be had");
    },
  }),
  target({
    name: "an InRelease",
    few: 40,
    inputs: spoiledText([release]),
    read: (text) => {
      const found = releaseEntry(text, "main/binary-amd64/Packages.gz");
      if (found && !(/^[0-9a-f]{64}$/.test(found.sha256) && found.size >= 0))
        throw new Error("An index without a digest");
    },
  }),
  fileTarget({
    name: "apt's list of sources",
    few: 8,
    inputs: spoiledText([sourcesList, sourcesFile]),
    read: async (text, { folder }) => {
      await mkdir(join(folder, "sources.list.d"));
      await writeFile(join(folder, "sources.list"), text);
      await writeFile(join(folder, "sources.list.d/debian.sources"), text);
      debianMirrors({ aptDirectory: folder }, {});
    },
  }),
];
