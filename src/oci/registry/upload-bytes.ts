import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SmallBlob } from "./attachment.ts";
import type { Repository } from "./repository.ts";
import { uploadBlob } from "./upload-blob.ts";

/** Sends a blob that is in memory, unless the registry has it. By way of a file, as blobs are sent that may have to be begun anew. */
export async function uploadBytes(repository: Repository, { descriptor, bytes }: SmallBlob): Promise<boolean> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-blob-"));
  const path = join(folder.path, "blob");
  await writeFile(path, bytes, { mode: 0o600 });
  return await uploadBlob(repository, descriptor, path);
}
