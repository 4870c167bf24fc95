import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HadronError } from "../../base/mod.ts";
import { download } from "../download.ts";
import type { DebianOrig } from "./debian-sources.ts";
import type { Hosts } from "./hosts.ts";
import type { SourceCandidate } from "./lock.ts";
import { fetchFromMirrors, type MirrorOptions } from "./mirror-file.ts";

/** What a person's key leaves is less than 2 KiB. */
const largestSignature = 64 << 10;

/**
 * Upstream's signature of a candidate: from beside Debian's copy of the file, else from beside upstream's. The text says why there
 * is none.
 */
export async function fetchSignature(
  candidate: SourceCandidate,
  orig: DebianOrig | undefined,
  options: MirrorOptions & { hosts: Hosts },
): Promise<Buffer | string> {
  const to = join(options.directory, `${candidate.sha256}.asc`);
  const debian = candidate.places.find((place) => place.startsWith("debian:"));
  const beside = orig?.signature ?? (debian && { place: `${debian}.asc` });
  if (beside && (await fetchFromMirrors(beside, to, options)) !== undefined) {
    const found = await signatureIn(to);
    if (found) return found;
  }
  if (candidate.origin === "debian-repack") return "Made by Debian: no signature of upstream's is over these bytes";
  const asked = await fromUpstream(candidate, to, options);
  if (Buffer.isBuffer(asked)) return asked;
  const atDebian = orig?.signature
    ? "The signature that Debian's index names was on no mirror"
    : "Debian's archive carries no signature of it";
  return `${atDebian}, and upstream's server ${asked}`;
}

/** The usual names; `.sign` beside the name without its compression is kernel.org's. */
async function fromUpstream(
  { places }: SourceCandidate,
  to: string,
  { name, hosts, emit, signal }: MirrorOptions & { hosts: Hosts },
): Promise<Buffer | string> {
  const url = places.find((place) => !place.startsWith("debian:"));
  if (url === undefined) return "is not known";
  for (const file of [`${url}.asc`, `${url}.sig`, `${url.replace(/\.(gz|xz|bz2|zst)$/, "")}.sign`]) {
    if ((await hosts.whyUnreachable(file, 3)) !== undefined) return "could not be asked";
    try {
      await download({ url: file, to, name, emit, signal });
    } catch (error) {
      if (!(error instanceof HadronError) || error.kind !== "source") throw error;
      if (error.code === "DOWNLOAD_NOT_FOUND") continue;
      return "could not be asked";
    }
    const found = await signatureIn(to);
    if (found) return found;
  }
  return "has none";
}

/** Servers also answer with a page that says that there is nothing. */
async function signatureIn(path: string): Promise<Buffer | undefined> {
  const bytes = await readFile(path);
  if (bytes.length > largestSignature) return undefined;
  const isBinary = ((bytes[0] ?? 0) & 0x80) !== 0;
  return isBinary || bytes.includes("-----BEGIN PGP SIGNATURE-----") ? bytes : undefined;
}
