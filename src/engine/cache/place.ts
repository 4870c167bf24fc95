import { HadronError, type Sha256 } from "../../base/mod.ts";
import { type Descriptor, formatReference, type Layout, parseReference, type Reference } from "../../oci/mod.ts";
import type { StepResult } from "../store/store.ts";

/** An entry that a cache has for a key. */
export interface Found {
  /** Where, for messages. */
  place: string;
  /** Of its manifest. */
  digest: string;
  /** What it says of itself. */
  facts: StepResult;
  /** By whom it is vouched for; not checked. */
  signature: string | undefined;
  /** Its layers, at least one, once its manifest was read. @throws HadronError `CACHE_ENTRY_INVALID` and what reading throws */
  layers(): Promise<Descriptor[]>;
  /** A layout that has the layers; made in the folder where there is none. */
  bring(layers: readonly Descriptor[], folder: string): Promise<Layout>;
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

export function entryDisagrees(at: string): HadronError {
  return new HadronError("The entry's manifest and what names it disagree", {
    kind: "input",
    code: "CACHE_ENTRY_INVALID",
    at,
    hint: "Export it again where it was built",
  });
}
