import type { Sha256 } from "../../base/mod.ts";
import { parseDeb822 } from "../../formats/mod.ts";

/** An upstream tarball as Debian's archive carries it. */
export interface DebianOrig {
  /** Of the upstream, without what Debian adds to it. */
  version: string;
  /** `debian:pool/…` */
  place: string;
  sha256: Sha256;
  /** Bytes. */
  size: number;
  /** The version says that Debian changed the content. */
  isRepack: boolean;
}

/** The upstream tarballs of some source packages in a `Sources` index (Debian repository format, "Sources" indices). */
export function parseSourcesIndex(text: string, packages: ReadonlySet<string>): Map<string, DebianOrig[]> {
  const found = new Map<string, DebianOrig[]>();
  // Only the stanzas that are wanted are parsed: an index has some 40,000.
  for (const stanzaText of text.split(/\n{2,}/)) {
    const name = /^Package: (\S+)/.exec(stanzaText)?.[1];
    if (name === undefined || !packages.has(name)) continue;
    for (const stanza of parseDeb822(stanzaText)) {
      const directory = stanza.get("Directory");
      for (const line of (stanza.get("Checksums-Sha256") ?? "").split("\n")) {
        const [sha256 = "", size = "", file = ""] = line.split(" ");
        const version = origVersion(name, file);
        if (version === undefined || directory === undefined) continue;
        const orig: DebianOrig = {
          version: upstreamVersion(version),
          place: `debian:${directory}/${file}`,
          sha256,
          size: Number(size),
          isRepack: upstreamVersion(version) !== version,
        };
        const known = found.get(name) ?? [];
        if (!known.some((other) => other.sha256 === orig.sha256)) known.push(orig);
        found.set(name, known);
      }
    }
  }
  return found;
}

/** The source package that a place in the pool belongs to: `pool/main/libz/libzstd/…` → `libzstd`. */
export function packageOfPlace(place: string): string | undefined {
  return /^debian:pool\/[^/]+\/[^/]+\/([^/]+)\//.exec(place)?.[1];
}

/** `zlib_1.3.dfsg+really1.3.2.orig.tar.gz` → `1.3.dfsg+really1.3.2`; undefined for other files and component tarballs. */
function origVersion(name: string, file: string): string | undefined {
  if (!file.startsWith(`${name}_`)) return undefined;
  return /^(.+)\.orig\.tar\.(?:gz|bz2|xz|zst)$/.exec(file.slice(name.length + 1))?.[1];
}

/** Debian marks what it took out (`+dfsg`, `+ds`), and goes back to an older version by `+really`. */
function upstreamVersion(version: string): string {
  return (version.split("+really").at(-1) ?? version).replace(/[+.~](?:dfsg|ds|repack)[\d.]*$/, "");
}
