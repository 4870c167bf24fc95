import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import {
  compareText,
  HadronError,
  isSystemError,
  messageOf,
  programName,
  projectRoot,
  writeFileAtomic,
} from "../../base/mod.ts";

/**
 * `sources.lock.json`: every upstream source that a recipe may use, pinned by digest. A candidate is one set of bytes;
 * its places are where exactly these bytes can be had, best first: an upstream URL, or `debian:` and a path in Debian's archive.
 */
const place = z
  .string()
  .regex(/^(https?:\/\/[^/]+\/.+|debian:pool\/.+)$/, 'Expected an http(s) URL or "debian:pool/…"');

const fingerprint = /^([0-9A-F]{40}|[0-9A-F]{64})$/;

const upstreamSignature = z.strictObject({
  /** Of the primary key: upper-case hexadecimal. */
  keyFingerprint: z.string().regex(fingerprint, "Expected 40 or 64 upper-case hexadecimal digits"),
  /** The day, as the signature says. */
  made: z.iso.date(),
  /** `archive`: the file. `tar`: what is inside the compressed file, as kernel.org signs. */
  covers: z.enum(["archive", "tar"]),
});

/** Why no signature of upstream's vouches for these bytes. */
const noSignature = z.strictObject({ missing: z.string().min(1) });

const candidate = z.strictObject({
  /**
   * `upstream`: what Debian's archive carries as the file that upstream published, by its maintainers' word. `debian-repack`: made
   * anew by Debian, often without documentation.
   */
  origin: z.enum(["upstream", "debian-repack"]),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "Expected 64 lower-case hexadecimal digits"),
  /** Bytes. */
  size: z.int().positive(),
  places: z.array(place).min(1),
  /** Upstream's own OpenPGP signature, which `signatures/` holds; or `missing`: why there is none. Not there: nobody has looked yet. */
  signature: z.union([upstreamSignature, noSignature]).optional(),
});

const source = z.strictObject({
  version: z.string().min(1),
  /** Updates stay within this series: `6.12` takes 6.12.108, not 6.13. */
  series: z.string().min(1).optional(),
  /** SPDX licence expression. */
  licence: z.string().min(1),
  homepage: z.url(),
  /** Upstream's keys, by fingerprint, and what each calls itself: no other may sign. */
  keys: z.record(z.string().regex(fingerprint), z.string()).optional(),
  candidates: z.array(candidate).min(1),
});

const sourceLock = z.strictObject({
  version: z.literal(1),
  sources: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, "Expected lower-case letters, digits and dashes"), source),
});

export type SourceSignature = NonNullable<SourceCandidate["signature"]>;
export type SourceCandidate = z.infer<typeof candidate>;
export type SourceEntry = z.infer<typeof source>;
export type SourceLock = z.infer<typeof sourceLock>;

export const sourceLockPath: string = join(projectRoot, "sources.lock.json");

/** @throws HadronError `SOURCES_LOCK_INVALID` with the place inside the JSON. */
export function readSourceLock(path: string = sourceLockPath): SourceLock {
  const text = readLockText(path);
  const invalid = (message: string, at: string, cause?: unknown): HadronError =>
    new HadronError(message, {
      kind: "input",
      code: "SOURCES_LOCK_INVALID",
      at,
      hint: "Correct it there, or take the file's last version from version control",
      cause,
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(`The source lock is not JSON: ${messageOf(error)}`, path, error);
  }
  const parsed = sourceLock.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const inside = z.core.toDotPath(issue?.path ?? []);
  const more = parsed.error.issues.length - 1;
  throw invalid(
    `The source lock is not valid: ${issue?.message}${more > 0 ? ` (and ${more} more)` : ""}`,
    inside === "" ? path : `${basename(path)}: ${inside}`,
  );
}

/** Writes the lock sorted by name. */
export async function writeSourceLock(lock: SourceLock, path: string = sourceLockPath): Promise<void> {
  const sources = Object.fromEntries(Object.entries(lock.sources).sort(([a], [b]) => compareText(a, b)));
  await writeFileAtomic(path, `${JSON.stringify({ version: lock.version, sources }, null, 2)}\n`);
}

/** Names in the lock's order, which is sorted. */
export function sourceNames(lock: SourceLock): string[] {
  return Object.keys(lock.sources).sort(compareText);
}

/** @throws HadronError `SOURCE_UNKNOWN` */
export function sourceEntry(name: string, lock: SourceLock): SourceEntry {
  const entry = Object.hasOwn(lock.sources, name) ? lock.sources[name] : undefined;
  if (entry !== undefined) return entry;
  throw new HadronError(`The source "${name}" is not in the lock`, {
    kind: "input",
    code: "SOURCE_UNKNOWN",
    at: lockPosition(name),
    hint: `${programName()} sources names them all`,
  });
}

/** The place of one source in the lock, for messages. */
export function lockPosition(name: string): string {
  return `sources.lock.json: sources.${name}`;
}

function readLockText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new HadronError(`Could not read the source lock "${path}": ${messageOf(error)}`, {
      kind: "input",
      code: "SOURCES_LOCK_INVALID",
      at: path,
      hint: isSystemError(error, "ENOENT") ? "Take it from version control" : "Make it readable",
      cause: error,
    });
  }
}
