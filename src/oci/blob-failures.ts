import { HadronError } from "../base/mod.ts";

const hint = "Write, save or pull the image again into this layout: what is there whole is kept";

/** @param at Where the blob should be */
export function missingBlob(at: string, cause: unknown): HadronError {
  return new HadronError("A blob is missing", { kind: "input", code: "BLOB_MISSING", at, hint, cause });
}

/** @param at Where the blob is */
export function wrongBlob(at: string): HadronError {
  return new HadronError("A blob's bytes are not what its name says", { kind: "input", code: "BLOB_DIGEST", at, hint });
}
