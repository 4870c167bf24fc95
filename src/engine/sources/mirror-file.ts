import { type Emit, HadronError, type Sha256 } from "../../base/mod.ts";
import { debianFile } from "../debian-mirror.ts";
import { download } from "../download.ts";

export interface MirrorOptions {
  /** For events: the source. */
  name: string;
  mirrors: readonly string[];
  /** Where files that are not kept go. */
  directory: string;
  emit: Emit;
  signal?: AbortSignal | undefined;
}

/** Fetches a file of the pool, and says from where; undefined when no mirror has it. @throws what `download` throws */
export async function fetchFromMirrors(
  { place, sha256, size }: { place: string; sha256?: Sha256 | undefined; size?: number | undefined },
  to: string,
  { name, mirrors, emit, signal }: MirrorOptions,
): Promise<string | undefined> {
  const expected = { ...(sha256 === undefined ? {} : { sha256 }), ...(size === undefined ? {} : { size }) };
  for (const mirror of mirrors) {
    const url = debianFile(mirror, place.slice("debian:".length));
    try {
      await download({ url, to, ...expected, name, emit, signal });
      return url;
    } catch (error) {
      if (!(error instanceof HadronError) || error.code !== "DOWNLOAD_NOT_FOUND") throw error;
    }
  }
  return undefined;
}
