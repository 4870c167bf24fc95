import { HadronError } from "../../base/mod.ts";
import type { EntrySigner, EntryTrust, StepResult } from "../../engine/mod.ts";
import type { PublicKey } from "../keys/public-key.ts";
import type { SigningKey } from "../keys/signing-key.ts";
import { type Statement, statementType } from "../provenance/statement.ts";
import { openEnvelope, readEnvelope, signStatement } from "./dsse.ts";
import { parseJson } from "./parse-json.ts";

/** States that a step with this key has this output (docs/adr/0009). */
export const stepOutputType = "urn:hadron:step-output:1";

/** Signs entries of the cache: a DSSE envelope over an in-toto statement of the facts, beside the signatures of others over the very same. */
export function entrySigner(key: SigningKey): EntrySigner {
  return {
    hasSigned: (facts, signature) => isSigned(facts, signature, [key.publicKey]),
    sign: async (facts, present) => {
      const own = await signStatement(entryStatement(facts), key);
      const other = present === undefined ? undefined : readEnvelope(parseJson(Buffer.from(present)));
      const others = other?.payload === own.payload ? other.signatures : [];
      return JSON.stringify({ ...own, signatures: [...others, ...own.signatures] });
    },
  };
}

/** Believes entries that one of the keys has signed. They throw `CACHE_ENTRY_UNSIGNED`, `CACHE_ENTRY_UNTRUSTED`. */
export function entryTrust(keys: readonly PublicKey[]): EntryTrust {
  return (facts, signature) => {
    if (signature === undefined)
      throw refusal(
        facts,
        "CACHE_ENTRY_UNSIGNED",
        "It is not signed",
        "Whoever builds the cache signs it: --cache-key",
      );
    if (!isSigned(facts, signature, keys))
      throw refusal(
        facts,
        "CACHE_ENTRY_UNTRUSTED",
        "Its signature is by none of the trusted keys, damaged, or of another entry",
        "Trust the key of whoever builds the cache, if you do: --cache-trust FILE.pub",
      );
  };
}

function isSigned(facts: StepResult, signature: string, keys: readonly PublicKey[]): boolean {
  return openEnvelope(parseJson(Buffer.from(signature)), keys)?.payload.equals(entryStatement(facts)) === true;
}

/**
 * All that is believed of an entry, in one order, so that equal facts are equal bytes and one who vouches for them can be joined by others.
 * How long the step took and which engine ran it are not in it: these differ from machine to machine for one and the same output.
 */
function entryStatement({ key, step, output, size, sources }: StepResult): Buffer {
  const statement: Statement = {
    _type: statementType,
    subject: [{ name: step, digest: { "hadron-tree-1": output } }],
    predicateType: stepOutputType,
    predicate: { key, size, sources: sources.map(({ name, sha256, origin }) => ({ name, sha256, origin })) },
  };
  return Buffer.from(JSON.stringify(statement));
}

function refusal({ key }: StepResult, code: string, message: string, hint: string): HadronError {
  return new HadronError(message, { kind: "input", code, at: key, hint });
}
