import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HadronError, sha256 } from "../base/mod.ts";
import { policiesFile, policyKey, policySignatures, signPolicies } from "./pcr-policy.ts";

const pol = "0123456789abcdef".repeat(4);
const policies = {
  sha256: [
    { pcrs: [11], pkfp: "00", pol, tbs: pol },
    { pcrs: [11], pkfp: "00", ref: "initrd", pol, tbs: pol + sha256("initrd") },
  ],
};

let key: KeyObject;
let folder: string;

beforeAll(async () => {
  key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  folder = await mkdtemp(join(tmpdir(), "hadron-pcr-policy-"));
});
afterAll(() => rm(folder, { recursive: true }));

function refusal(text: string, by: KeyObject = key): HadronError {
  try {
    signPolicies(text, by, "policies.json");
  } catch (error) {
    if (error instanceof HadronError) return error;
    throw error;
  }
  throw new Error("It was signed");
}

describe("signed policies", () => {
  it("have what systemd-measure wants signed, by RSA with SHA-256, and else stay as they are", () => {
    const signed: { sha256: { sig: string; tbs: string }[] } = JSON.parse(
      signPolicies(JSON.stringify(policies), key, "x"),
    );
    for (const [index, { sig, ...policy }] of signed.sha256.entries()) {
      expect(policy).toEqual(policies.sha256[index]);
      const isGood = verify("sha256", Buffer.from(policy.tbs, "hex"), createPublicKey(key), Buffer.from(sig, "base64"));
      expect(isGood).toBe(true);
    }
  });

  it("come out the same each time", () => {
    const text = JSON.stringify(policies);
    expect(signPolicies(text, key, "x")).toBe(signPolicies(`${text}   `, key, "x"));
  });

  it("are refused where they are something else", () => {
    const other = { sha256: [{ pol, tbs: sha256("a boot loader") }] };
    expect(refusal(JSON.stringify(other))).toMatchObject({ kind: "step", code: "PCR_POLICIES", at: "policies.json" });
    for (const text of ["", "[]", '{"sha256":[{"pol":"00","tbs":"00"}]}', '{"sha256":[{}]}'])
      expect(refusal(text).code, text).toBe("PCR_POLICIES");
  });

  it("are signed by no key that a TPM might not know", () => {
    const text = JSON.stringify(policies);
    const ed25519 = generateKeyPairSync("ed25519").privateKey;
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    expect(refusal(text, ed25519).message).toBe("A key of the kind ed25519 can't sign for a TPM");
    expect(refusal(text, short)).toMatchObject({ kind: "input", code: "PCR_KEY" });
  });
});

it("steps get the public key and the signatures, and nothing of the private key", async () => {
  const output = join(folder, "output");
  const publicKey = await policyKey(key, join(folder, "key"));
  await policyKey(key, output);
  await writeFile(join(output, policiesFile), JSON.stringify(policies));
  const signatures = await policySignatures(output, key, join(folder, "signatures"));
  expect([publicKey, signatures].map(({ mount }) => mount)).toEqual(["/needs/pcr-key", "/needs/pcr-signatures"]);
  const staged = [
    await readFile(join(folder, "key/public.pem"), "utf8"),
    await readFile(join(folder, "signatures/signatures.json"), "utf8"),
  ];
  expect(staged[0]).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  expect(JSON.parse(staged[1] ?? "")).toEqual(JSON.parse(signPolicies(JSON.stringify(policies), key, "x")));
  expect(staged.join("")).not.toContain("PRIVATE");
});
