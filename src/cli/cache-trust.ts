import { entryTrust } from "../attest/mod.ts";
import { type Emit, HadronError } from "../base/mod.ts";
import { cacheRepository, type EntryTrust, trustAnyone } from "../engine/mod.ts";
import type { CacheToInput } from "./cache-to.ts";
import { readTrustedKeys } from "./trusted-keys.ts";

/** What the command line says about caches that are asked. */
export interface CacheFromInput {
  cacheFrom: string[];
  /** Public keys, or `none`. */
  cacheTrust: string[];
  allowTestKey: boolean;
}

/** Says that unsigned entries are believed too. */
const nobody = "none";

/**
 * Whose word counts for what the caches have. A folder that is named without a key is believed, as the store of this machine is;
 * a registry is not, since others may write there.
 * @throws HadronError `CACHE_TRUST_MISSING`, `USAGE_VALUE`, `KEY_…`
 */
export async function cacheTrust({ cacheFrom, cacheTrust: named, allowTestKey }: CacheFromInput): Promise<EntryTrust> {
  if (named.includes(nobody)) {
    if (named.every((one) => one === nobody)) return trustAnyone;
    throw new HadronError(`Option --cache-trust names keys, and "${nobody}"`, {
      kind: "usage",
      code: "USAGE_VALUE",
      hint: `Leave "${nobody}" out, or the keys: with it everything is believed (a file of this name is ./${nobody})`,
    });
  }
  if (named.length > 0) return entryTrust(await readTrustedKeys(named, { allowTestKey }));
  const registry = cacheFrom.find((place) => cacheRepository(place) !== undefined);
  if (registry === undefined) return trustAnyone;
  throw new HadronError(`Nothing says by whose word the cache in ${registry} is believed`, {
    kind: "usage",
    code: "CACHE_TRUST_MISSING",
    at: registry,
    hint: `Give --cache-trust FILE.pub, the key of whoever builds it; or --cache-trust ${nobody}, to believe all who may write there`,
  });
}

/**
 * Who signs what goes to a cache vouches for what was taken from others too: the store doesn't tell it from what was built. So it is said
 * where that would give nobody's word the signer's name.
 */
export function warnOfForeignWord(
  { cacheFrom, cacheTo, cacheKey }: Pick<CacheFromInput & CacheToInput, "cacheFrom" | "cacheTo" | "cacheKey">,
  trust: EntryTrust,
  emit: Emit,
): void {
  if (trust !== trustAnyone || cacheKey === undefined || cacheFrom.length === 0 || cacheTo.length === 0) return;
  emit({
    type: "warning",
    code: "CACHE_KEY_FOREIGN",
    message: `--cache-key signs also what is taken from ${cacheFrom.join(", ")}, by nobody's word: give --cache-trust FILE.pub, or no --cache-from`,
  });
}
