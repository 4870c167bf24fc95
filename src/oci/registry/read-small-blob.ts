import { sha256 } from "../../base/mod.ts";
import type { Descriptor } from "../layout.ts";
import { placeOf, registryFailure } from "./failures.ts";
import { manifestBytes } from "./manifest.ts";
import type { Repository } from "./repository.ts";

/**
 * A blob as bytes in memory, checked.
 * @param most Bytes; more are not read
 * @throws HadronError `REGISTRY_DIGEST`, and what asking throws
 */
export async function readSmallBlob(
  repository: Repository,
  { digest }: Descriptor,
  most: number = manifestBytes,
): Promise<Buffer> {
  const doing = `pull the blob ${digest}`;
  const asked = { method: "GET", to: `blobs/${digest}`, expect: [200], doing } as const;
  const { answer, bytes } = await repository.read(asked, most);
  if (bytes && `sha256:${sha256(bytes)}` === digest) return bytes;
  const why = bytes ? "what came has another digest" : `it has more than ${most} bytes`;
  throw registryFailure("REGISTRY_DIGEST", doing, why, { at: placeOf(answer.url) });
}
