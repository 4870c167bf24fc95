import { generateKeyPairSync, sign } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { publicKeyOf } from "../../src/attest/keys/public-key.ts";
import {
  chainOf,
  provenanceType,
  readPublicKey,
  type SigningKey,
  statementOf,
  verifyFile,
} from "../../src/attest/mod.ts";
import { openStatementBundle, statementBundle } from "../../src/attest/signing/bundle.ts";
import { simpleSigningDigest, simpleSigningPayload } from "../../src/attest/signing/simple-signing.ts";
import { HadronError, sha256 } from "../../src/base/mod.ts";
import { attestationsBeside } from "../../src/cli/attestations.ts";
import { findSbom } from "../../src/cli/find-sbom.ts";
import { spoiledJson, spoiledText } from "./spoil.ts";
import { fileTarget, type Target, target } from "./target.ts";

const artifact = "a disk";
const digest = sha256(artifact);

export function newKey(name: string): SigningKey {
  const pair = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    publicKey: publicKeyOf(pair.publicKey, { name }),
    sign: async (data) => {
      if (!(data instanceof Uint8Array)) throw new Error("Statements are in memory");
      return sign("sha256", data, pair.privateKey);
    },
  };
}

const ours = newKey("ours.pub");
const provenance = statementOf({ name: "disk.raw", sha256: digest }, provenanceType, {
  buildDefinition: {
    buildType: "urn:hadron:build-graph:1",
    externalParameters: { image: "cloud", artifact: "disk", architecture: "x86_64" },
    resolvedDependencies: [
      { name: "hadron", digest: { gitCommit: "1".repeat(40) } },
      {
        name: "zlib",
        digest: { sha256: digest },
        annotations: { origin: "upstream", signedBy: { keyFingerprint: "A" } },
      },
    ],
  },
  runDetails: { builder: { id: "urn:hadron:builder:local" }, byproducts: [{ name: "zlib" }] },
});
const statementBytes = Buffer.from(JSON.stringify(provenance));
const bundle: unknown = JSON.parse(String(await statementBundle(statementBytes, ours)));
const spdx = {
  "@graph": [
    { type: "software_Sbom", spdxId: "urn:a:sbom", rootElement: ["urn:a:artifact"] },
    {
      type: "software_Package",
      spdxId: "urn:a:artifact",
      verifiedUsing: [{ type: "Hash", algorithm: "sha256", hashValue: digest }],
    },
  ],
};
const cyclonedx = { metadata: { component: { hashes: [{ alg: "SHA-256", content: digest }] } } };

/** Bills of materials, provenance and signatures of artifacts, and keys by which they are judged. */
export const attached: readonly Target[] = [
  fileTarget({
    name: "what lies beside an artifact",
    few: 20,
    inputs: fc.tuple(spoiledJson([spdx, cyclonedx]), spoiledJson([provenance])),
    read: async ([sbom, statement], { folder }) => {
      const path = join(folder, "disk.raw");
      await writeFile(path, artifact);
      for (const suffix of [".spdx.json", ".cdx.json"]) await writeFile(path + suffix, sbom);
      await writeFile(`${path}.provenance.json`, statement);
      await Promise.allSettled([findSbom(path, "spdx", { environment: {} })]).then(judged);
      const signable = attestationsBeside(path, { name: "disk.raw", sha256: digest });
      const [outcome] = await Promise.allSettled([signable]);
      judged([outcome]);
      for (const { statement } of outcome.status === "fulfilled" ? outcome.value : []) assertOfOne(String(statement));
    },
  }),
  target({
    name: "a signed statement",
    few: 40,
    inputs: spoiledJson([bundle]),
    read: (text) => {
      const stated = openStatementBundle(Buffer.from(text), [ours.publicKey]);
      if (stated && !stated.payload.equals(statementBytes)) throw new Error("What nobody signed is vouched for");
    },
  }),
  target({
    name: "what a key stated",
    few: 40,
    inputs: spoiledJson([provenance]),
    read: async (text) => {
      const stated = openStatementBundle(await statementBundle(Buffer.from(text), ours), [ours.publicKey]);
      chainOf({ signatures: [], attestations: stated ? [stated] : [], worthless: [] }, [ours.publicKey]);
    },
  }),
  fileTarget({
    name: "a signature beside a file",
    few: 15,
    inputs: spoiledJson([bundle, { ...(bundle as object), messageSignature: { signature: "MEUCIQ==" } }]),
    read: async (text, { folder }) => {
      const path = join(folder, "disk.raw");
      await writeFile(path, artifact);
      await writeFile(`${path}.sigstore.json`, text);
      const { signatures } = await verifyFile(path, [ours.publicKey], []);
      if (signatures.length > 0) throw new Error("A file counts as signed that nobody signed");
    },
  }),
  target({
    name: "what cosign signs of an image",
    few: 40,
    inputs: spoiledText([String(simpleSigningPayload("r.example/a", `sha256:${digest}`))]),
    read: (text) => simpleSigningDigest(Buffer.from(text)),
  }),
  fileTarget({
    name: "a public key",
    few: 30,
    inputs: spoiledText([ours.publicKey.pem, `Valid-Until: 2030-01-31\n${ours.publicKey.pem}`]),
    read: async (text, { folder }) => {
      await writeFile(join(folder, "a.pub"), text);
      const { fingerprint, isTest } = await readPublicKey(join(folder, "a.pub"));
      if (isTest !== fingerprint.startsWith("000")) throw new Error("It is not what its fingerprint says");
    },
  }),
];

/** What is about to be signed is of this artifact alone. */
function assertOfOne(text: string): void {
  const { subject } = JSON.parse(text) as { subject: { digest: { sha256: string } }[] };
  if (subject.length !== 1 || subject[0]?.digest.sha256 !== digest) throw new Error("Another artifact would be signed");
}

/** Both readers are to have a look; the first refusal must not keep the second from it. */
function judged([outcome]: PromiseSettledResult<unknown>[]): void {
  if (outcome?.status === "rejected" && !(outcome.reason instanceof HadronError)) throw outcome.reason;
}
