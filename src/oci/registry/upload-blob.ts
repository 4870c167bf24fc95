import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { HadronError } from "../../base/mod.ts";
import { missingBlob, wrongBlob } from "../blob-failures.ts";
import type { Descriptor } from "../layout.ts";
import { failureOf, placeOf, registryFailure } from "./failures.ts";
import { isPassing, mayPass, retrying } from "./patience.ts";
import { shortDigest } from "./reference.ts";
import { drain, locationOf, type Replied, type Repository } from "./repository.ts";

/**
 * Sends a blob, unless the registry has it: in chunks, and after a failure from where the registry says that it stands.
 * @param path Where its bytes are; they are checked before the registry takes them for the blob
 * @returns whether anything had to be sent
 * @throws HadronError `BLOB_DIGEST` where the file is not what its name says, and what asking throws
 */
export async function uploadBlob(repository: Repository, blob: Descriptor, path: string): Promise<boolean> {
  const { emit } = repository;
  if (await hasBlob(repository, blob)) return false;
  emit({ type: "send-start", name: shortDigest(blob.digest), bytes: blob.size });
  try {
    await sendBlob(repository, blob, path);
  } catch (error) {
    emit({ type: "send-failed", name: shortDigest(blob.digest) });
    throw error;
  }
  emit({ type: "send-end", name: shortDigest(blob.digest), to: repository.reference.registry });
  return true;
}

async function hasBlob({ ask }: Pick<Repository, "ask">, { digest }: Descriptor): Promise<boolean> {
  const doing = `look for the blob ${digest}`;
  const answer = await ask({ method: "HEAD", to: `blobs/${digest}`, expect: [200, 404], doing });
  drain(answer);
  return answer.status === 200;
}

/** What is known of an upload under way. */
interface Upload {
  /** Where the next request goes; the registry gives another one with each answer. */
  location: URL | undefined;
  /** Bytes that the registry has. */
  offset: number;
}

async function sendBlob(repository: Repository, blob: Descriptor, path: string): Promise<void> {
  const { chunkBytes, emit, patience } = repository;
  const doing = `push the blob ${blob.digest}`;
  await using file = await open(path).catch((cause: unknown) => {
    throw missingBlob(path, cause);
  });
  const hash = createHash("sha256");
  let hashed = 0;
  const upload: Upload = { location: undefined, offset: 0 };
  for (let isDone = false; !isDone; ) {
    isDone = await retrying(async (attempt) => {
      if (attempt > 1 && (await recover(repository, upload, { blob, hashed, doing }))) return true;
      const location = upload.location ?? (await begin(repository, upload, doing));
      const length = Math.min(chunkBytes, blob.size - upload.offset);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, upload.offset);
      const chunk = buffer.subarray(0, bytesRead);
      // After a resumption some of it was looked at before.
      if (upload.offset + bytesRead > hashed) hash.update(chunk.subarray(hashed - upload.offset));
      hashed = Math.max(hashed, upload.offset + bytesRead);
      const isLast = upload.offset + length >= blob.size;
      if (bytesRead < length || (isLast && `sha256:${hash.copy().digest("hex")}` !== blob.digest))
        throw wrongBlob(path);
      let sent = upload.offset;
      const body = {
        body: chunk,
        sent: (bytes: number) => {
          sent += bytes;
          emit({ type: "send-progress", name: shortDigest(blob.digest), sent, bytes: blob.size });
        },
        headers: {
          "content-type": "application/octet-stream",
          ...(blob.size > chunkBytes ? { "content-range": `${upload.offset}-${upload.offset + length - 1}` } : {}),
        },
        doing,
      };
      if (isLast) {
        const to = withDigest(location, blob.digest);
        const answer = await repository.askOnce({ ...body, method: "PUT", to, expect: [201, 404, 416] });
        if (answer.status !== 201) throw await outOfStep(answer, doing);
        drain(answer);
        return true;
      }
      const answer = await repository.askOnce({ ...body, method: "PATCH", to: location, expect: [202, 404, 416] });
      if (answer.status !== 202) throw await outOfStep(answer, doing);
      drain(answer);
      const end = upload.offset + length;
      const taken = Math.min(rangeOf(answer) ?? end, end);
      upload.location = locationOf(answer, answer.url) ?? location;
      if (taken <= upload.offset) throw mayPass(registryFailure("REGISTRY_FAILED", doing, "the registry took nothing"));
      upload.offset = taken;
      return false;
    }, patience);
  }
}

async function begin(repository: Repository, upload: Upload, doing: string): Promise<URL> {
  const answer = await repository.askOnce({
    method: "POST",
    to: "blobs/uploads/",
    headers: { "content-length": "0" },
    expect: [202],
    doing,
  });
  drain(answer);
  const location = locationOf(answer, answer.url);
  if (location === undefined)
    throw registryFailure("REGISTRY_INVALID", doing, "the registry says not where to", { at: placeOf(answer.url) });
  upload.location = location;
  upload.offset = 0;
  return location;
}

/**
 * Finds out where an upload stands that failed; forgets it where the registry does not know it any more.
 * @returns whether the blob is there already: the failure was after the registry had taken it
 */
async function recover(
  repository: Repository,
  upload: Upload,
  { blob, hashed, doing }: { blob: Descriptor; hashed: number; doing: string },
): Promise<boolean> {
  if (await hasBlob({ ask: repository.askOnce }, blob)) return true;
  const { location } = upload;
  upload.location = undefined;
  if (location === undefined) return false;
  const answer = await repository
    .askOnce({ method: "GET", to: location, expect: [204], doing })
    .catch((error: unknown) => {
      // Any other answer means that it can't be gone on with.
      if (!isPassing(error)) return undefined;
      upload.location = location;
      throw error;
    });
  const offset = answer && rangeOf(answer);
  if (answer === undefined || offset === undefined || offset > hashed) return false;
  drain(answer);
  upload.location = locationOf(answer, answer.url) ?? location;
  upload.offset = offset;
  return false;
}

/** Bytes that the registry has, of `Range: 0-<last>`. It says `0-0` of none as well as of one, and one byte is sent again soon. */
function rangeOf({ headers }: Replied): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(headers.range ?? "")?.[1];
  if (last === undefined) return undefined;
  return Number(last) === 0 ? 0 : Number(last) + 1;
}

async function outOfStep(answer: Replied, doing: string): Promise<HadronError> {
  return mayPass(await failureOf(answer, doing, answer.url));
}

/** By hand: the registry's own query must stay as it is, to the letter. */
function withDigest(location: URL, digest: string): URL {
  const to = new URL(location);
  to.search = `${location.search}${location.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
  return to;
}
