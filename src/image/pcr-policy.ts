import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { HadronError, sha256 } from "../base/mod.ts";
import { filesInput, type StepInput } from "../graph/mod.ts";

/**
 * What binds secrets to a UKI by a signature (systemd-measure(1)): to all values that PCR 11 has while a UKI runs which this key has
 * signed. No step sees the private key: one calculates the policies, `policySignatures` signs them, another one puts the signatures in.
 */
export interface PcrPolicy {
  /** What `policyKey` gave. */
  publicKey: StepInput;
  /** What `policySignatures` gave, of the policies of this very UKI. Without it there is no UKI, and no disk. */
  signatures?: StepInput;
}

/** Where the steps see the public key and the signatures, and the file in which the first step leaves what is to be signed. */
export const publicKeyFile = "/needs/pcr-key/public.pem";
export const signaturesFile = "/needs/pcr-signatures/signatures.json";
export const policiesFile = "policies.json";

/** PCR bank → policies, as ukify prints and takes them. */
const policies = z.record(
  z.string(),
  z.array(
    z.looseObject({
      /** Digest of TPM2_PolicyPCR. */
      pol: z.string().regex(/^[0-9a-f]{64}$/),
      /** What the policy is for, in words. */
      ref: z.string().optional(),
      /** What the TPM wants to see signed (TPM 2.0, part 3, TPM2_PolicyAuthorize): the digest, and that of `ref`. */
      tbs: z.string(),
    }),
  ),
);

/**
 * The public part of a key, as the steps take it.
 * @param into A folder that is made; it must stay until the UKI is built
 * @throws HadronError `PCR_KEY`
 */
export async function policyKey(key: KeyObject, into: string): Promise<StepInput> {
  assertKey(key);
  const pem = createPublicKey(key).export({ type: "spki", format: "pem" });
  return stage(into, publicKeyFile, pem.toString());
}

/**
 * Signs the policies of a UKI. Equal policies give equal bytes.
 * @param output The output of the step `<image>:unsigned-uki`
 * @param into A folder that is made; it must stay until the UKI is built
 * @throws HadronError `PCR_KEY`, `PCR_POLICIES`
 */
export async function policySignatures(output: string, key: KeyObject, into: string): Promise<StepInput> {
  const file = join(output, policiesFile);
  return stage(into, signaturesFile, signPolicies(await readFile(file, "utf8"), key, file));
}

/** @param at For messages: where the text comes from */
export function signPolicies(text: string, key: KeyObject, at: string): string {
  assertKey(key);
  const parsed = policies.safeParse(parseJson(text));
  if (!parsed.success) throw refuse(`The policies in "${at}" can't be understood`, at, parsed.error);
  const signed = Object.entries(parsed.data).map(([bank, list]) => [
    bank,
    list.map((policy) => {
      // The key signs policies, not whatever somebody calls one.
      if (policy.tbs !== policy.pol + (policy.ref === undefined ? "" : sha256(policy.ref)))
        throw refuse(`In "${at}", what is to be signed is not the policy ${policy.pol}`, at);
      return { ...policy, sig: sign("sha256", Buffer.from(policy.tbs, "hex"), key).toString("base64") };
    }),
  ]);
  return `${JSON.stringify(Object.fromEntries(signed))}\n`;
}

/** RSA with 2048 bits is what every TPM 2.0 can verify. */
function assertKey(key: KeyObject): void {
  if (key.asymmetricKeyType === "rsa" && key.asymmetricKeyDetails?.modulusLength === 2048) return;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  throw new HadronError(
    `A key of the kind ${[key.asymmetricKeyType ?? key.type, bits].filter(Boolean).join("-")} can't sign for a TPM`,
    {
      kind: "input",
      code: "PCR_KEY",
      hint: "Make one by: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    },
  );
}

async function stage(into: string, mounted: string, text: string): Promise<StepInput> {
  const [, folder = "", name = ""] = /^(.*)\/([^/]+)$/.exec(mounted) ?? [];
  await mkdir(into, { recursive: true });
  await writeFile(join(into, name), text);
  const input = filesInput(into, folder);
  if (!input) throw new Error("Nothing was staged");
  return input;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(message: string, at: string, cause?: unknown): HadronError {
  return new HadronError(message, {
    kind: "step",
    code: "PCR_POLICIES",
    at,
    hint: "Build the UKI again; if that does not help, it is a fault of Hadron's",
    ...(cause === undefined ? {} : { cause }),
  });
}
