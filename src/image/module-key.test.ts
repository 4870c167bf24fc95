import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { chmod, mkdtempDisposable, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { HadronError, projectRoot } from "../base/mod.ts";
import { noExpiry, selfSignedCertificate } from "../formats/mod.ts";
import { longestCertificate, readModuleKey, writeNewModuleKey } from "./module-key.ts";

const newFolder = () => mkdtempDisposable(join(tmpdir(), "hadron-module-key-"));

const newKey = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).privateKey;

/** Made once: a key takes longer than all that is done with it here. */
const [privateKey, another, short] = [newKey(2048), newKey(2048), newKey(1024)];

function pem(privateKey: KeyObject, commonName = "Test"): { key: string; certificate: string } {
  const fields = { commonName, serial: Buffer.from([1]), notBefore: new Date(0), notAfter: noExpiry };
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    certificate: new X509Certificate(selfSignedCertificate(privateKey, fields)).toString(),
  };
}

const made = pem(privateKey);

/** What is wrong with a file, such a file, and what is said of it. */
const faulty: [string, () => string, RegExp][] = [
  ["no key", () => made.certificate, /no private key/],
  ["no certificate", () => made.key, /no certificate/],
  ["another key's certificate", () => made.key + pem(another).certificate, /another key's/],
  ["a key that is too short", () => Object.values(pem(short)).join(""), /none of RSA with 2048, 3072, 4096 bits/],
  [
    "a key of another kind",
    () => String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })) + made.certificate,
    /none of RSA/,
  ],
  [
    "a passphrase",
    () => {
      const format = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" } as const;
      return String(privateKey.export(format)) + made.certificate;
    },
    /passphrase/,
  ],
  [
    "a certificate that no kernel has room for",
    () => Object.values(pem(privateKey, "x".repeat(longestCertificate))).join(""),
    /has \d+ bytes, and the kernel has room for 4096/,
  ],
];

describe("a new key for modules", () => {
  // That a user's has 4096 bits is seen where the command is tested: one of these takes as long as ten of those here.
  it("is RSA and its certificate, readable to its owner alone, and never overwrites", async () => {
    await using folder = await newFolder();
    const path = join(folder.path, "made/modules.pem");
    const made = await writeNewModuleKey(path, "Example Inc.", { modulusLength: 2048 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder.path, "made"))).toEqual(["modules.pem"]);
    const read = await readModuleKey(path);
    expect(read.privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const certificate = new X509Certificate(read.certificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.validToDate).toEqual(noExpiry);
    expect(read.certificate.length).toBeLessThan(longestCertificate);
    expect(read.exposedAt).toBeUndefined();
    expect(made).toEqual({ path, subject: "CN=Example Inc.", fingerprint: certificate.fingerprint256 });

    const before = await readFile(path, "utf8");
    await expect(writeNewModuleKey(path, "Other")).rejects.toMatchObject({
      ...{ kind: "usage", code: "KEY_OUTPUT", at: path },
      message: expect.stringContaining("there is something of this name"),
    });
    expect(await readFile(path, "utf8")).toBe(before);
    expect(await readdir(join(folder.path, "made"))).toEqual(["modules.pem"]);
  });

  it("that can't be written is refused with the place", async () => {
    await using folder = await newFolder();
    await writeFile(join(folder.path, "file"), "");
    const path = join(folder.path, "file/modules.pem");
    const writing = writeNewModuleKey(path, "Test", { modulusLength: 1024 });
    await expect(writing).rejects.toMatchObject({ code: "KEY_OUTPUT", at: path });
  });
});

describe("a file with a key for modules", () => {
  it("may have key and certificate in either order", async () => {
    await using folder = await newFolder();
    const { key, certificate } = made;
    for (const [name, text] of Object.entries({ first: key + certificate, last: certificate + key })) {
      await writeFile(join(folder.path, name), text);
      expect(await readModuleKey(join(folder.path, name))).toMatchObject({ subject: "CN=Test" });
    }
  });

  it.each(faulty)("with %s is refused", async (_, text, why) => {
    await using folder = await newFolder();
    const path = join(folder.path, "key.pem");
    await writeFile(path, text());
    const error = await readModuleKey(path).catch((error: unknown) => error);
    expect(error).toMatchObject({ kind: "input", code: "MODULE_KEY_INVALID", at: path });
    expect(String(error)).toMatch(why);
  });

  it("that is refused, whatever for, has nothing of it told: message, hint and cause", async () => {
    await using folder = await newFolder();
    const path = join(folder.path, "key.pem");
    for (const [fault, make] of faulty) {
      const text = make();
      await writeFile(path, text);
      const error = await readModuleKey(path).catch((error: unknown) => error);
      expect(error, fault).toBeInstanceOf(HadronError);
      const told = inspect(error, { depth: null });
      for (const line of text.split("\n").filter((line) => line.length > 40)) expect(told, fault).not.toContain(line);
    }
  });

  it("is known to be one that others can read", async () => {
    await using folder = await newFolder();
    const path = join(folder.path, "key.pem");
    await writeFile(path, Object.values(made).join(""));
    for (const [mode, exposedAt] of [
      [0o600, undefined],
      [0o640, path],
      [0o604, path],
    ] as const) {
      await chmod(path, mode);
      expect((await readModuleKey(path)).exposedAt).toBe(exposedAt);
    }
  });

  it("may have a certificate as long as the kernels' room for it", async () => {
    const fragment = await readFile(join(projectRoot, "recipes/linux/configuration/edge/modules.config"), "utf8");
    expect(fragment).toContain(`CONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE=${longestCertificate}\n`);
  });

  it("that is not there, or a folder, is refused by name", async () => {
    await using folder = await newFolder();
    for (const path of [join(folder.path, "none"), folder.path])
      await expect(readModuleKey(path)).rejects.toMatchObject({ code: "MODULE_KEY_INVALID", at: path });
  });
});
