import type { Sha256 } from "../../base/mod.ts";
import { compareDebianVersions, parseDeb822 } from "../../formats/mod.ts";

export interface DebianFile {
  /** `debian:pool/…` */
  place: string;
  sha256: Sha256;
  /** Bytes. */
  size: number;
}

/** An upstream tarball as Debian's archive carries it. */
export interface DebianOrig extends DebianFile {
  /** Of the upstream, without what Debian adds to it. */
  version: string;
  /** The version says that Debian changed the content. */
  isRepack: boolean;
  /** Upstream's own, where the maintainer added it. */
  signature?: DebianFile;
  /** The `debian/` folders of the source packages that use it, newest first: they hold upstream's keys. */
  packaging: DebianFile[];
}

/** The upstream tarballs of some source packages in a `Sources` index (Debian repository format, "Sources" indices). */
export function parseSourcesIndex(text: string, packages: ReadonlySet<string>): Map<string, DebianOrig[]> {
  const found = new Map<string, DebianOrig[]>();
  // Only the stanzas that are wanted are parsed: an index has some 40,000.
  for (const stanzaText of text.split(/\n{2,}/)) {
    const name = /^Package: (\S+)/.exec(stanzaText)?.[1];
    if (name === undefined || !packages.has(name)) continue;
    for (const stanza of parseDeb822(stanzaText))
      found.set(name, mergeOrigs(found.get(name) ?? [], origsOf(name, stanza)));
  }
  return found;
}

/** Both lists as one. What several suites have is known by all that any of them says about it. */
export function mergeOrigs(known: readonly DebianOrig[], more: readonly DebianOrig[]): DebianOrig[] {
  const merged = new Map(known.map((orig) => [orig.sha256, orig]));
  for (const orig of more) {
    const before = merged.get(orig.sha256);
    const packaging = new Map([...(before?.packaging ?? []), ...orig.packaging].map((file) => [file.place, file]));
    merged.set(orig.sha256, {
      ...orig,
      ...before,
      packaging: [...packaging.values()].sort((a, b) => compareDebianVersions(revisionOf(b), revisionOf(a))),
    });
  }
  return [...merged.values()];
}

/** The source package that a place in the pool belongs to: `pool/main/libz/libzstd/…` → `libzstd`. */
export function packageOfPlace(place: string): string | undefined {
  return /^debian:pool\/[^/]+\/[^/]+\/([^/]+)\//.exec(place)?.[1];
}

/** Of `Checksums-Sha256`: digest, size, name. */
const checksumLine = /^([0-9a-f]{64}) ([1-9]\d{0,14}) ([\w+.~:%-]+)$/;

/** What can't be read is not there. */
function origsOf(name: string, stanza: ReadonlyMap<string, string>): DebianOrig[] {
  const directory = stanza.get("Directory") ?? "";
  if (!/^pool(\/[\w+~-][\w+.~-]*)+$/.test(directory)) return [];
  const files = new Map<string, DebianFile>();
  for (const line of (stanza.get("Checksums-Sha256") ?? "").split("\n")) {
    const [, sha256 = "", size = "", file = ""] = checksumLine.exec(line) ?? [];
    if (file !== "") files.set(file, { place: `debian:${directory}/${file}`, sha256, size: Number(size) });
  }
  const packaging = [...files].flatMap(([file, about]) => (/\.debian\.tar\.\w+$/.test(file) ? [about] : []));
  return [...files].flatMap(([file, about]) => {
    const version = origVersion(name, file);
    if (version === undefined) return [];
    const signature = files.get(`${file}.asc`);
    return [
      {
        ...about,
        version: upstreamVersion(version),
        isRepack: upstreamVersion(version) !== version,
        packaging,
        ...(signature === undefined ? {} : { signature }),
      },
    ];
  });
}

/** `debian:pool/main/c/curl/curl_8.22.0-1.debian.tar.xz` → `8.22.0-1` */
function revisionOf({ place }: DebianFile): string {
  return /_([^/]+)\.debian\.tar\.\w+$/.exec(place)?.[1] ?? "0";
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
