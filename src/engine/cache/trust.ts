import type { StepResult } from "../store/store.ts";

/**
 * Decides whether an entry may be believed: that a key has just this output is said by whoever wrote the cache, and nothing but the word of
 * somebody who is trusted tells a true entry from a planted one (docs/adr/0009).
 * @throws HadronError which says why not
 */
export type EntryTrust = (facts: StepResult, signature: string | undefined) => void;

/** Believes whoever could write to the cache. */
export const trustAnyone: EntryTrust = () => {};

/** Vouches for entries that go to a cache. */
export interface EntrySigner {
  /** Whether a signature that an entry has is by this signer, and of these very facts. */
  hasSigned(facts: StepResult, signature: string): boolean;
  /**
   * Signs what an entry says.
   * @param present A signature that the entry has already: those in it that are of the same facts are kept
   */
  sign(facts: StepResult, present?: string): Promise<string>;
}
