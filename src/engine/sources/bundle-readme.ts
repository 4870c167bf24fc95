import { compareText } from "../../base/mod.ts";
import { describeSignature } from "./describe-signature.ts";
import type { FetchedSource } from "./fetch.ts";
import { type SourceLock, sourceEntry } from "./lock.ts";

/** What someone needs who got nothing but the bundle. */
export function bundleReadme(
  image: string | undefined,
  fetched: readonly [string, FetchedSource][],
  lock: SourceLock,
): string {
  const rows = [...fetched]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, { sha256, version, origin }]) => {
      const entry = sourceEntry(name, lock);
      const candidate = entry.candidates.find((candidate) => candidate.sha256 === sha256);
      const signed = candidate === undefined ? "" : `\n    ${describeSignature(candidate, entry)}`;
      return `${name} ${version}\n    ${entry.licence}\n    ${entry.homepage} (${origin})${signed}\n`;
    });
  const command = image === undefined ? "build" : `image ${image} --as disk --output ${image}.raw`;
  return `Corresponding source of ${image === undefined ? "Hadron" : `Hadron's image "${image}"`}

sources/     the archives that it is built from, as they are pinned in project/sources.lock.json
project/     all files that control how it is built and put together: recipes, kernel configuration, build program, locks; and
             project/signatures/, upstreams' signatures of the archives, with the keys
SHA256SUMS   the digest of every file; check them with: sha256sum -c SHA256SUMS

To build it again, on x86_64 Linux with Node 20 or newer, npm, GNU tar and xz:

    cd project
    HADRON_SOURCES=../sources ./hadron ${command}

The compilers and tools that the build runs on are not part of it and are not in here: Debian packages, named with their digests
in project/toolbox.lock.json, and npm packages, named in project/package-lock.json. Their source is in
Debian's archive and its snapshots, and in npm's registry.

Sources, each under its own licence:

${rows.join("\n")}`;
}
