import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { readSigningKey } from "../../src/attest/mod.ts";
import { noExpiry, selfSignedCertificate, signDetached } from "../../src/formats/mod.ts";
import { readModuleKey, takeSignatures } from "../../src/image/mod.ts";
import { spoiled, spoiledText } from "./spoil.ts";
import { fileTarget, type Target } from "./target.ts";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const fields = { commonName: "Signer", serial: Buffer.from([1]), notBefore: new Date(0), notAfter: noExpiry };
const certificate = selfSignedCertificate(privateKey, fields);
const moduleKey = `${pkcs8(privateKey)}${new X509Certificate(certificate).toString()}`;
const module = Buffer.from("a driver");
const signature = signDetached(module, { certificate, privateKey });

const elliptic = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
const passphrase = "open sesame";
const encrypted = elliptic.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase });

function pkcs8(key: KeyObject): string {
  return String(key.export({ type: "pkcs8", format: "pem" }));
}

async function put(path: string, bytes: string | Buffer): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes, { mode: 0o600 });
  return path;
}

/** Keys that sign, and certificates and signatures that are taken in place of one. */
export const signingKeys: readonly Target[] = [
  fileTarget({
    name: "a private key",
    few: 20,
    inputs: spoiledText([pkcs8(elliptic), String(encrypted), `Valid-Until: 2030-01-31\n${pkcs8(elliptic)}`]),
    read: async (text, { folder }) => {
      const key = await readSigningKey(await put(join(folder, "a.key"), text), passphrase);
      if (!key.publicKey.verify(module, await key.sign(module))) throw new Error("Its two parts are of two keys");
    },
  }),
  fileTarget({
    name: "a key for kernel modules",
    few: 20,
    inputs: spoiledText([moduleKey]),
    read: async (text, { folder }) => {
      const read = await readModuleKey(await put(join(folder, "a.pem"), text));
      if (!new X509Certificate(read.certificate).checkPrivateKey(read.privateKey))
        throw new Error("The certificate is another key's");
      signDetached(module, read);
    },
  }),
  fileTarget({
    name: "a certificate with signatures of kernel modules",
    few: 10,
    inputs: fc.oneof(
      spoiled([certificate]).map((bytes) => [bytes, signature] as const),
      spoiled([signature]).map((bytes) => [certificate, bytes] as const),
    ),
    read: async ([certificateBytes, signatureBytes], { folder }) => {
      await put(join(folder, "kernel/usr/lib/modules/6.12.1/kernel/a.ko"), module);
      await put(join(folder, "given/certificate.der"), certificateBytes);
      await put(join(folder, "given/kernel/a.ko.p7s"), signatureBytes);
      const into = join(folder, "taken");
      await takeSignatures(join(folder, "kernel"), { from: join(folder, "given"), into });
      const taken = new X509Certificate(await readFile(join(into, "certificate.der")));
      if (!taken.checkPrivateKey(privateKey)) throw new Error("A signature counts that nobody's key made");
    },
  }),
];
