import { HadronError, type Sha256 } from "../../base/mod.ts";
import { type Descriptor, formatReference, type Layout, parseReference, type Reference } from "../../oci/mod.ts";
import type { StepResult } from "../store/store.ts";

/** What is known of an entry before its manifest was read. */
interface Named {
  /** Of its manifest. */
  digest: string;
  /** What it says of itself. */
  facts: StepResult;
  /** By whom it is vouched for; not checked. */
  signature: string | undefined;
}

/** An entry whose manifest was read. */
export interface Entry extends Named {
  /** At least one. */
  layers: Descriptor[];
}

/** An entry that a cache has for a key. */
export interface Found extends Named {
  /** Where, for messages. */
  place: string;
  /** Its layers, at least one, once its manifest was read. @throws HadronError `CACHE_ENTRY_INVALID` and what reading throws */
  layers(): Promise<Descriptor[]>;
  /** A layout that has the layers; made in the folder where there is none. Undefined where the place has ceased to answer, which it reports itself. */
  bring(layers: readonly Descriptor[], folder: string): Promise<Layout | undefined>;
}

/** A folder or a repository that holds step outputs. */
export interface CachePlace {
  find(key: Sha256): Promise<Found[]>;
}

/** The repository that `oci://HOST/NAME` names; undefined for a folder. @throws HadronError `REFERENCE_INVALID` */
export function cacheRepository(text: string): Reference | undefined {
  if (!text.startsWith("oci://")) return undefined;
  const { registry, repository } = parseReference(text);
  if (!/[:@][^/]*$/.test(text.slice(text.lastIndexOf("/")))) return { registry, repository };
  throw new HadronError(`"${text}" names a tag or a digest, and a cache has one tag for each step`, {
    kind: "usage",
    code: "REFERENCE_INVALID",
    hint: `Write oci://${formatReference({ registry, repository })}`,
  });
}

/** Failures that are an entry's own: another entry beside it may be whole. */
const ofEntry: ReadonlySet<string> = new Set([
  ...["BLOB_DIGEST", "BLOB_INVALID", "BLOB_MISSING", "CACHE_ENTRY_INVALID", "DIGEST_INVALID"],
  ...["MANIFEST_INVALID", "MANIFEST_MEDIA_TYPE", "MANIFEST_TOO_LARGE"],
  ...["REGISTRY_DIGEST", "REGISTRY_NOT_FOUND", "REGISTRY_TRUNCATED"],
]);

/** Whether it is an entry that failed, and not the place that has it, or this machine. */
export function isOfEntry(error: unknown): error is HadronError {
  return error instanceof HadronError && ofEntry.has(error.code);
}

export function entryDisagrees(at: string): HadronError {
  return new HadronError("The entry's manifest and what names it disagree", {
    kind: "input",
    code: "CACHE_ENTRY_INVALID",
    at,
    hint: "Export it again where it was built",
  });
}
