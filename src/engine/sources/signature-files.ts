import { readdirSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { compareText, projectRoot, writeFileAtomic } from "../../base/mod.ts";
import type { SourceCandidate, SourceLock } from "./lock.ts";
import { usualName } from "./places.ts";

/**
 * The signatures that the lock names and the keys that made them, kept beside it: so anyone can check them again, with any OpenPGP
 * program, when upstream and Debian have long moved on.
 */
export const signatureFolder: string = join(projectRoot, "signatures");

/** A file below {@link signatureFolder}. */
export interface SignatureFile {
  file: string;
  text: string;
}

/** `curl-8.22.0.tar.gz.asc` */
export function signatureFile(candidate: SourceCandidate, name: string, version: string): string {
  return `${usualName(candidate, name, version)}.asc`;
}

/** `curl.keys.asc` */
export function keysFile(name: string): string {
  return `${name}.keys.asc`;
}

export async function readSignatureFile(folder: string, file: string): Promise<Buffer | undefined> {
  return readFile(join(folder, file)).catch(() => undefined);
}

/** Writes new files, and removes those that the lock no longer has a use for. */
export async function writeSignatureFiles(
  files: readonly SignatureFile[],
  { lock, folder = signatureFolder }: { lock: SourceLock; folder?: string | undefined },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { file, text } of files) await writeFileAtomic(join(folder, file), text);
  const named = new Set(namedSignatureFiles(lock));
  const extra = readdirSync(folder).filter((file) => file.endsWith(".asc") && !named.has(file));
  for (const file of extra) await rm(join(folder, file));
}

/** All files that the lock takes for granted, sorted. */
export function namedSignatureFiles(lock: SourceLock): string[] {
  return Object.entries(lock.sources)
    .flatMap(([name, { version, keys, candidates }]) => [
      ...(keys === undefined ? [] : [keysFile(name)]),
      ...candidates
        .filter(({ signature }) => signature !== undefined && "keyFingerprint" in signature)
        .map((candidate) => signatureFile(candidate, name, version)),
    ])
    .sort(compareText);
}
