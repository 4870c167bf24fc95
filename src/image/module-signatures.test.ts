import { generateKeyPairSync } from "node:crypto";
import { cp, mkdir, mkdtempDisposable, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { noExpiry, selfSignedCertificate, verifyDetached } from "../formats/mod.ts";
import type { ModuleKey } from "./module-key.ts";
import {
  assertSignatures,
  assertSignaturesPlace,
  makeSignatures,
  moduleSignaturesInput,
  saveSignatures,
  takeSignatures,
} from "./module-signatures.ts";

const modules = { "kernel/drivers/net/e1000e.ko": "a driver", "kernel/lib/crc.ko": "a sum" };

const newPrivateKey = () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

function keyOf(commonName: string, privateKey = newPrivateKey()): ModuleKey {
  const fields = { commonName, serial: Buffer.from([1]), notBefore: new Date(0), notAfter: noExpiry };
  return { privateKey, certificate: selfSignedCertificate(privateKey, fields), subject: `CN=${commonName}` };
}

const key = keyOf("Signer");

/** A kernel's output, and a folder with signatures of its modules. */
async function prepare() {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-signatures-"));
  const [kernel, signatures, taken] = ["kernel", "signatures", "taken"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  const tree = join(kernel, "usr/lib/modules/6.12.1");
  for (const [name, text] of Object.entries({ ...modules, "modules.order": "", vmlinux: "" })) {
    await mkdir(dirname(join(tree, name)), { recursive: true });
    await writeFile(join(tree, name), text);
  }
  expect(await makeSignatures(kernel, key, signatures)).toBe(2);
  return { kernel, tree, signatures, taken, path: folder.path, [Symbol.asyncDispose]: () => folder.remove() };
}

const refused = (why: RegExp) => ({ kind: "input", code: "MODULE_SIGNATURES", message: expect.stringMatching(why) });

describe("signatures of modules", () => {
  it("are one beside the certificate for each module, and hold", async () => {
    await using made = await prepare();
    const files = (await readdir(made.signatures, { recursive: true })).filter((name) => name.includes("."));
    expect(files.sort()).toEqual(["certificate.der", ...Object.keys(modules).map((name) => `${name}.p7s`)]);
    const certificate = await readFile(join(made.signatures, "certificate.der"));
    expect(certificate.equals(key.certificate)).toBe(true);
    for (const [name, text] of Object.entries(modules))
      verifyDetached(Buffer.from(text), await readFile(join(made.signatures, `${name}.p7s`)), certificate);
  });

  it("of the same key are the same input as when they are taken from a folder that was saved: no key is needed then", async () => {
    await using made = await prepare();
    const saved = join(made.path, "for/others");
    await saveSignatures(made.signatures, saved);
    expect(await takeSignatures(made.kernel, { from: saved, into: made.taken })).toEqual({
      subject: "CN=Signer",
      count: 2,
    });
    const [first, second] = [moduleSignaturesInput(made.signatures), moduleSignaturesInput(made.taken)];
    expect({ ...second, directory: "" }).toEqual({ ...first, directory: "" });
    expect(first).toMatchObject({ mount: "/needs/signatures" });
  });

  it("hold no trace of the private key", async () => {
    await using made = await prepare();
    const secret = key.privateKey.export({ format: "jwk" });
    for (const name of ["certificate.der", ...Object.keys(modules).map((name) => `${name}.p7s`)]) {
      const bytes = await readFile(join(made.signatures, name));
      for (const part of [secret.d, secret.p, secret.q])
        expect(bytes.includes(Buffer.from(part ?? "", "base64url")), name).toBe(false);
    }
  });

  it.each<[string, (made: { tree: string; signatures: string }) => Promise<unknown>, RegExp]>([
    [
      "one too few",
      ({ signatures }) => rm(join(signatures, "kernel/lib/crc.ko.p7s")),
      /has no kernel\/lib\/crc\.ko\.p7s/,
    ],
    [
      "one too many",
      ({ signatures }) => cp(join(signatures, "kernel/lib/crc.ko.p7s"), join(signatures, "kernel/other.ko.p7s")),
      /has kernel\/other\.ko\.p7s, which is no module's/,
    ],
    [
      "one of another module",
      ({ signatures }) =>
        cp(join(signatures, "kernel/lib/crc.ko.p7s"), join(signatures, "kernel/drivers/net/e1000e.ko.p7s")),
      /e1000e\.ko\.p7s: .*not over these bytes/,
    ],
    ["a module that changed", ({ tree }) => writeFile(join(tree, "kernel/lib/crc.ko"), "another"), /crc\.ko\.p7s: /],
    [
      "another's certificate",
      ({ signatures }) => writeFile(join(signatures, "certificate.der"), keyOf("Other").certificate),
      /another certificate's key/,
    ],
    ["no certificate", ({ signatures }) => rm(join(signatures, "certificate.der")), /no certificate\.der/],
    [
      "a file that is none",
      ({ signatures }) => writeFile(join(signatures, "kernel/lib/crc.ko.p7s"), "x"),
      /crc\.ko\.p7s/,
    ],
  ])("with %s are refused by name", async (_, change, why) => {
    await using made = await prepare();
    await change(made);
    const taking = takeSignatures(made.kernel, { from: made.signatures, into: made.taken });
    await expect(taking).rejects.toMatchObject(refused(why));
  });

  it("are refused for a certificate that is not there, or that no kernel has room for, before there are modules", async () => {
    await using made = await prepare();
    await expect(assertSignatures(made.signatures)).resolves.toBeUndefined();
    await expect(assertSignatures(made.taken)).rejects.toMatchObject(refused(/no certificate\.der/));
    await writeFile(join(made.signatures, "certificate.der"), keyOf("x".repeat(4096), key.privateKey).certificate);
    const tooLong = refused(/has \d+ bytes, and the kernel has room for 4096/);
    await expect(assertSignatures(made.signatures)).rejects.toMatchObject(tooLong);
    const taking = takeSignatures(made.kernel, { from: made.signatures, into: made.taken });
    await expect(taking).rejects.toMatchObject(tooLong);
  });

  it("have a place where a folder can be made, however many folders above it are not there yet", async () => {
    await using made = await prepare();
    await assertSignaturesPlace(join(made.path, "not/yet/there"));
    expect((await readdir(made.path)).sort()).toEqual(["kernel", "signatures"]);
    // Nobody can make a folder there, root included.
    for (const to of ["/proc/signatures", "/proc/not/yet"])
      await expect(assertSignaturesPlace(to)).rejects.toMatchObject({ code: "SIGNATURES_OUTPUT", at: to });
  });

  it("are saved whole to a new or empty folder, and to no other", async () => {
    await using made = await prepare();
    const empty = join(made.path, "empty");
    await mkdir(empty);
    await saveSignatures(made.signatures, empty);
    expect(await readdir(empty)).toEqual(["certificate.der", "kernel"]);
    const occupied = { kind: "usage", code: "SIGNATURES_OUTPUT", at: empty };
    await expect(saveSignatures(made.signatures, empty)).rejects.toMatchObject(occupied);
    await expect(assertSignaturesPlace(empty)).rejects.toMatchObject(occupied);
    const file = join(made.tree, "vmlinux");
    await expect(assertSignaturesPlace(file)).rejects.toMatchObject({ code: "SIGNATURES_OUTPUT", at: file });
    expect((await readdir(made.path)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});
