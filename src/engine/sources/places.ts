import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { debianFile, debianMirrors } from "../debian-mirror.ts";
import type { SourceCandidate } from "./lock.ts";

export interface PlaceOptions {
  /** Debian mirrors before the machine's own: URLs or directories, comma-separated. */
  mirror?: string | undefined;
  /** Directories or base URLs that hold sources by digest or by file name, comma-separated; `HADRON_SOURCES` comes after it. */
  from?: string | undefined;
  /** Where apt's configuration is; default `/etc/apt`. */
  aptDirectory?: string | undefined;
  env?: NodeJS.ProcessEnv | undefined;
}

export interface Place {
  /** An http(s) URL, or an absolute path; undefined where there is none, and `problem` says why. */
  url: string | undefined;
  /** For messages. */
  label: string;
  isLocal: boolean;
  /** Seconds to wait for the host's first answer: little for upstream's, where a Debian mirror stands in. */
  patience: number;
  problem?: string;
}

/** Where to look for a candidate's bytes, best first: what the user names, upstream, the Debian mirrors. */
export function placesOf(candidate: SourceCandidate, name: string, version: string, options: PlaceOptions): Place[] {
  const env = options.env ?? process.env;
  // The command line takes its default from the environment, so that a place may come twice.
  const named = new Set(
    [options.from, env.HADRON_SOURCES].flatMap((list) => (list ?? "").split(",")).map((item) => item.trim()),
  );
  const fileNames = fileNamesOf(candidate, name, version);
  const own = [...named]
    .filter((base) => base !== "")
    .flatMap((base) =>
      fileNames.map((file) =>
        isUrl(base) ? place(`${base.replace(/\/+$/, "")}/${file}`) : place(join(resolve(base), file)),
      ),
    );
  const locked = candidate.places.flatMap((text) => {
    if (!text.startsWith("debian:")) return [{ ...place(text), patience: 3 }];
    const mirrors = mirrorsOf(options);
    if (mirrors.length > 0) return mirrors.map((mirror) => place(debianFile(mirror, text.slice("debian:".length))));
    return [{ url: undefined, label: text, isLocal: false, patience: 0, problem: "no Debian mirror is known" }];
  });
  return [...own, ...locked];
}

/** Debian mirrors that the user named and that the machine's apt uses. */
export function mirrorsOf({ mirror, aptDirectory, env }: PlaceOptions): string[] {
  return debianMirrors({ mirror, ...(aptDirectory === undefined ? {} : { aptDirectory }) }, env);
}

function place(text: string): Place {
  const url = text.startsWith("file://") ? fileURLToPath(text) : text;
  return { url, label: text, isLocal: !isUrl(url), patience: 10 };
}

/** The digest, the names in the lock's places, and the usual `zlib-1.3.2.tar.gz`. */
function fileNamesOf(candidate: SourceCandidate, name: string, version: string): string[] {
  const names = candidate.places.map((text) => basename(text));
  return [...new Set([candidate.sha256, ...names, ...usualNames(candidate, name, version)])];
}

/** What people would call the file: `zlib-1.3.2.tar.gz`. */
export function usualName(candidate: SourceCandidate, name: string, version: string): string {
  return usualNames(candidate, name, version)[0] ?? `${name}-${version}`;
}

function usualNames({ places }: SourceCandidate, name: string, version: string): string[] {
  return places.flatMap((text) => /\.tar\.\w+$/.exec(text)?.[0] ?? []).map((ending) => `${name}-${version}${ending}`);
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}
