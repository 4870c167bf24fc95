import { readFile } from "node:fs/promises";
import { compareText, HadronError, programName } from "../../base/mod.ts";
import { decompressFile } from "../decompress.ts";
import { blobPath } from "./blob.ts";
import { debianKeys } from "./debian-keys.ts";
import type { DebianOrig } from "./debian-sources.ts";
import { ensureSource } from "./fetch.ts";
import { fetchSignature } from "./fetch-signature.ts";
import type { Hosts } from "./hosts.ts";
import { lockPosition, type SourceCandidate, type SourceEntry, type SourceSignature } from "./lock.ts";
import type { MirrorOptions } from "./mirror-file.ts";
import { checkSignature, type GoodSignature, keysByFingerprint, type Verdict } from "./openpgp.ts";
import type { PlaceOptions } from "./places.ts";
import { keysFile, readSignatureFile, type SignatureFile, signatureFile } from "./signature-files.ts";

export interface SignOptions extends Omit<MirrorOptions, "name">, PlaceOptions {
  cacheRoot: string;
  hosts: Hosts;
  /** Where signatures and keys are kept. */
  folder: string;
  /** Fingerprints of keys that may sign although another did so far. */
  acceptKeys?: readonly string[] | undefined;
  /** Goes on where a signature is missing or worthless although there was a good one so far. */
  acceptUnsigned?: boolean | undefined;
}

/** A verdict that names what the signature covers. */
export type CoveringVerdict = Exclude<Verdict, GoodSignature> | (GoodSignature & { covers: "archive" | "tar" });

/**
 * The entry with upstream's signature of each candidate checked, and the files to keep. The first key that made a good
 * signature is pinned, as one found in Debian's source package; from then on no other may.
 * @throws HadronError `SOURCE_SIGNATURE_BAD`, `SOURCE_KEY_CHANGED`, `SOURCE_SIGNATURE_MISSING` (there was one before)
 */
export async function signEntry(
  name: string,
  entry: SourceEntry,
  offered: readonly DebianOrig[],
  options: SignOptions,
): Promise<{ entry: SourceEntry; files: SignatureFile[] }> {
  const keptKeys = await readSignatureFile(options.folder, keysFile(name));
  const known = keptKeys === undefined ? new Map<string, string>() : await keysByFingerprint(keptKeys);
  const keys = { ...entry.keys };
  const files: SignatureFile[] = [];
  const candidates: SourceCandidate[] = [];
  for (const candidate of entry.candidates) {
    const verdict = await judge(name, entry.version, candidate, { offered, keptKeys, options });
    const signature = accept(name, verdict, keys, options);
    candidates.push({ ...candidate, signature });
    if (verdict.outcome !== "good") continue;
    keys[verdict.keyFingerprint] = verdict.signer;
    known.set(verdict.keyFingerprint, verdict.key);
    files.push({ file: signatureFile(candidate, name, entry.version), text: verdict.signature });
  }
  const pinned = Object.entries(keys).sort(([a], [b]) => compareText(a, b));
  if (pinned.length === 0) return { entry: { ...entry, candidates }, files };
  const text = pinned.map(([fingerprint]) => known.get(fingerprint) ?? "").join("");
  const { candidates: _before, ...about } = entry;
  return {
    entry: { ...about, keys: Object.fromEntries(pinned), candidates },
    files: [...files, { file: keysFile(name), text }],
  };
}

/** Over the file, or over what is inside it, as kernel.org signs. */
export async function checkFile(
  signature: Uint8Array,
  keys: readonly Uint8Array[],
  { path, name }: { path: string; name: string },
): Promise<CoveringVerdict> {
  const verdict = await checkSignature({ signature, keys, data: await readFile(path) });
  if (verdict.outcome === "good") return { ...verdict, covers: "archive" };
  if (verdict.outcome !== "forged") return verdict;
  const tar = await decompressFile(path, name);
  const inside = tar && (await checkSignature({ signature, keys, data: tar }));
  return inside?.outcome === "good" ? { ...inside, covers: "tar" } : verdict;
}

/** What is kept is asked first: it needs no network, and what it says can't change. */
async function judge(
  name: string,
  version: string,
  candidate: SourceCandidate,
  context: { offered: readonly DebianOrig[]; keptKeys: Buffer | undefined; options: SignOptions },
): Promise<CoveringVerdict> {
  const { offered, keptKeys, options } = context;
  const path = blobPath(options.cacheRoot, candidate.sha256);
  const file = { path, name: candidate.places[0] ?? "" };
  const only = { version, licence: "NONE", homepage: "https://localhost/", candidates: [candidate] };
  const fetchFile = () => ensureSource(name, { ...options, lock: { version: 1, sources: { [name]: only } } });
  const keptSignature = await readSignatureFile(options.folder, signatureFile(candidate, name, version));
  if (keptSignature !== undefined && keptKeys !== undefined) {
    await fetchFile();
    const verdict = await checkFile(keptSignature, [keptKeys], file);
    if (verdict.outcome === "good") return verdict;
  }
  const mirror = { ...options, name };
  const orig = offered.find(({ sha256 }) => sha256 === candidate.sha256);
  const signature = await fetchSignature(candidate, orig, mirror);
  if (typeof signature === "string") return { outcome: "worthless", why: signature };
  await fetchFile();
  let verdict = await checkFile(signature, keptKeys === undefined ? [] : [keptKeys], file);
  if (isFinal(verdict)) return verdict;
  for await (const keys of debianKeys(candidate.sha256, offered, mirror)) {
    const next = await checkFile(signature, [keys], file);
    if (isFinal(next)) return next;
    if (next.outcome !== "unknown-key") verdict = next;
  }
  return verdict;
}

function isFinal({ outcome }: Verdict): boolean {
  return outcome === "good" || outcome === "forged";
}

function accept(
  name: string,
  verdict: CoveringVerdict,
  keys: Readonly<Record<string, string>>,
  { acceptKeys = [], acceptUnsigned = false }: SignOptions,
): SourceSignature {
  const refuse = (code: string, message: string, hint: string): HadronError =>
    new HadronError(message, { kind: "source", code, at: lockPosition(name), hint });
  const pinned = Object.entries(keys).map(([fingerprint, signer]) => `${fingerprint} (${signer})`);
  if (verdict.outcome === "forged")
    throw refuse(
      "SOURCE_SIGNATURE_BAD",
      `The source "${name}" is not what upstream signed: ${verdict.why}`,
      "Don't use it: ask upstream, or try another mirror",
    );
  if (verdict.outcome !== "good") {
    if (pinned.length === 0 || acceptUnsigned) return { missing: verdict.why };
    throw refuse(
      "SOURCE_SIGNATURE_MISSING",
      `The source "${name}", so far signed by ${pinned.join(" or ")}, has no good signature: ${verdict.why}`,
      `Find out why; if it is right so: ${programName()} sources update ${name} --accept-unsigned`,
    );
  }
  const { keyFingerprint, signer, made, covers } = verdict;
  if (pinned.length > 0 && !Object.hasOwn(keys, keyFingerprint) && !acceptKeys.includes(keyFingerprint))
    throw refuse(
      "SOURCE_KEY_CHANGED",
      `The source "${name}" is signed by ${keyFingerprint} (${signer}), so far by ${pinned.join(" or ")}`,
      `Find out whether upstream has a new key; if so: ${programName()} sources update ${name} --accept-key ${keyFingerprint}`,
    );
  return { keyFingerprint, made, covers };
}
