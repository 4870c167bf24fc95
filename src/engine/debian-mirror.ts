import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDeb822 } from "../formats/mod.ts";

/**
 * The places to look for files of Debian's archive, best first, without a slash at the end: what the user named
 * (`--mirror`, `HADRON_DEBIAN_MIRROR`: comma-separated URLs or directories), then what this machine's apt uses. Those on this
 * machine are absolute paths, however they were named, so that they are known as such without a network.
 * Empty on a machine that has neither.
 */
export function debianMirrors(
  options: { mirror?: string | undefined; aptDirectory?: string } = {},
  env: NodeJS.ProcessEnv = process.env,
): string[] {
  const named = [options.mirror, env.HADRON_DEBIAN_MIRROR]
    .flatMap((list) => (list ?? "").split(","))
    .map((place) => place.trim())
    .filter((place) => place !== "")
    .map((place) => (/^(https?|file):/.test(place) ? place : resolve(place)));
  const configured = aptUris(options.aptDirectory ?? "/etc/apt").filter((uri) =>
    /^(https?|file):.*\/debian\/?$/.test(uri),
  );
  return [...new Set([...named, ...configured].map(asPath).map((place) => place.replace(/(?<=[^/])\/+$/, "")))];
}

/** `file:///srv/debian`, or apt's `file:/srv/debian`, is a folder like another. */
function asPath(place: string): string {
  return place.startsWith("file:") ? fileURLToPath(place) : place;
}

/** The address of one file of the archive at a place that {@link debianMirrors} named. */
export function debianFile(mirror: string, path: string): string {
  return `${mirror}/${path}`;
}

function aptUris(directory: string): string[] {
  const parts = join(directory, "sources.list.d");
  const files = [join(directory, "sources.list"), ...list(parts).map((name) => join(parts, name))];
  return files.flatMap((file) => {
    const text = read(file);
    if (file.endsWith(".sources")) return sourcesUris(text);
    return file.endsWith(".list") ? listUris(text) : [];
  });
}

/** One-line format of sources.list(5): `deb [options] uri suite component…`. */
function listUris(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const uri = /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s*)?([^\s#]+)/.exec(line)?.[1];
    return uri === undefined ? [] : [uri];
  });
}

/** The deb822 format of sources.list(5). */
function sourcesUris(text: string): string[] {
  return parseDeb822(text)
    .filter((stanza) => !/^(no|false|without|off|disable)$/i.test(stanza.get("Enabled") ?? "yes"))
    .flatMap((stanza) => (stanza.get("URIs") ?? "").split(/\s+/).filter((uri) => uri !== ""));
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
