import { join } from "node:path";
import { Readable } from "node:stream";
import { compareDebianVersions, readTarFile } from "../../formats/mod.ts";
import { decompressFile } from "../decompress.ts";
import type { DebianFile, DebianOrig } from "./debian-sources.ts";
import { fetchFromMirrors, type MirrorOptions } from "./mirror-file.ts";

/** Where maintainers put upstream's keys (uscan(1), "KEYRING FILE EXAMPLES"); the others are names of earlier days. */
const keyPaths = [
  "debian/upstream/signing-key.asc",
  "debian/upstream/signing-key.pgp",
  "debian/upstream-signing-key.pgp",
];

/**
 * Upstream's keys as Debian's source packages carry them: of the packages that use the very file first, newest first; then of
 * the package's other versions, for the archive often no longer has all that its index names.
 */
export async function* debianKeys(
  sha256: string,
  offered: readonly DebianOrig[],
  options: MirrorOptions,
): AsyncGenerator<Buffer> {
  const own = offered.filter((orig) => orig.sha256 === sha256);
  const others = offered
    .filter((orig) => orig.sha256 !== sha256)
    .sort((a, b) => compareDebianVersions(b.version, a.version));
  const packaging = [...own, ...others].flatMap((orig) => orig.packaging);
  for (const file of new Map(packaging.map((file) => [file.place, file])).values()) {
    const keys = await keysIn(file, options);
    if (keys !== undefined) yield keys;
  }
}

async function keysIn(file: DebianFile, options: MirrorOptions): Promise<Buffer | undefined> {
  const to = join(options.directory, file.sha256);
  if ((await fetchFromMirrors(file, to, options)) === undefined) return undefined;
  const tar = await decompressFile(to, file.place);
  for (const path of keyPaths) {
    const keys = tar && (await readTarFile(Readable.from([tar]), path));
    if (keys) return keys;
  }
  return undefined;
}
