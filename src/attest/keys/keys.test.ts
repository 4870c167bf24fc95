import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HadronError } from "../../base/mod.ts";
import { makeKey, type NewKey } from "./new-key.ts";
import { openPkcs11Key, parsePkcs11Uri } from "./pkcs11.ts";
import { assertUsable, readPublicKey } from "./public-key.ts";
import { readSigningKey } from "./signing-key.ts";

let folder: string;
let made: NewKey;
const path = (name: string): string => join(folder, name);
const put = (name: string, text: string, mode = 0o600): string => {
  writeFileSync(path(name), text, { mode });
  return path(name);
};
const data = Buffer.from("what is signed");
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hadron-keys-"));
  made = await makeKey(path("release.key"), { test: false, validUntil: "2030-01-31" });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("a new key", () => {
  it("is its owner's alone, signs, and is verified by its public part", async () => {
    expect(made.publicPath).toBe(path("release.pub"));
    expect(statSync(made.path).mode & 0o777).toBe(0o600);
    const key = await readSigningKey(made.path);
    const publicKey = await readPublicKey(made.publicPath);
    expect(publicKey).toMatchObject({
      fingerprint: key.publicKey.fingerprint,
      validUntil: "2030-01-31",
      isTest: false,
    });
    expect(publicKey.hint).toBe(Buffer.from(publicKey.fingerprint, "hex").toString("base64"));
    const signature = await key.sign(data);
    expect(publicKey.verify(data, signature)).toBe(true);
    expect(publicKey.verify(Buffer.from("other"), signature)).toBe(false);
    expect(publicKey.verify(data, Buffer.from("no signature"))).toBe(false);
    async function* parts() {
      yield data.subarray(0, 3);
      yield data.subarray(3);
    }
    expect(await publicKey.verifyAll(parts(), await key.sign(parts()))).toBe(true);
  });

  it("never replaces one that is there", async () => {
    const before = readFileSync(made.path);
    await expect(makeKey(made.path, { test: false })).rejects.toMatchObject({ kind: "usage", code: "KEY_EXISTS" });
    expect(readFileSync(made.path)).toEqual(before);
  });

  it("leaves nothing where only its public part would replace one", async () => {
    const [key, pub] = [path("half.key"), put("half.pub", "another key's")];
    await expect(makeKey(key, { test: false })).rejects.toMatchObject({ code: "KEY_EXISTS", at: pub });
    expect(existsSync(key)).toBe(false);
    expect(readFileSync(pub, "utf8")).toBe("another key's");
  });

  it("for tests is known by its fingerprint, and refused where it is not allowed", async () => {
    const test = await makeKey(path("test.key"), { test: true });
    const publicKey = await readPublicKey(test.publicPath);
    expect(publicKey.fingerprint).toMatch(/^000/);
    expect(publicKey.verify(data, await (await readSigningKey(test.path)).sign(data))).toBe(true);
    const now = day("2026-01-01");
    expect(() => assertUsable(publicKey, { now, allowTestKey: false })).toThrow(
      expect.objectContaining({ kind: "input", code: "KEY_TEST" }),
    );
    assertUsable(publicKey, { now, allowTestKey: true });
  });
});

describe("a key that can't be used", () => {
  it("has expired", async () => {
    const publicKey = await readPublicKey(made.publicPath);
    assertUsable(publicKey, { now: day("2030-01-31"), allowTestKey: false });
    expect(() => assertUsable(publicKey, { now: day("2030-02-02"), allowTestKey: false })).toThrow(
      expect.objectContaining({ code: "KEY_EXPIRED", message: expect.stringContaining("2030-01-31") }),
    );
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const p384 = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
  const half = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n";
  it.each([
    ["is no PEM", () => "ssh-ed25519 AAAA"],
    ["is empty", () => ""],
    ["is cut short", () => half],
    ["is of another kind", () => String(rsa.publicKey.export({ type: "spki", format: "pem" }))],
    ["is of another curve", () => String(p384.publicKey.export({ type: "spki", format: "pem" }))],
    ["is a private one", () => readFileSync(made.path, "utf8")],
    ["is valid until no day", () => readFileSync(made.publicPath, "utf8").replace("2030-01-31", "2030-02-30")],
    [
      "has an end that is written wrong",
      () => readFileSync(made.publicPath, "utf8").replace("Valid-Until", "Valid-Untill"),
    ],
    ["has two ends", () => `Valid-Until: 2029-01-31\n${readFileSync(made.publicPath, "utf8")}`],
  ])("%s", async (name, text) => {
    await expect(readPublicKey(put(`${name}.pub`, text()))).rejects.toMatchObject({
      kind: "input",
      code: "KEY_MALFORMED",
    });
  });

  it("is not there", async () => {
    await expect(readPublicKey(path("none.pub"))).rejects.toMatchObject({ kind: "usage", code: "KEY_MISSING" });
    await expect(readSigningKey(path("none.key"))).rejects.toMatchObject({ code: "KEY_MISSING" });
  });

  it("is public, where a private one is wanted", async () => {
    chmodSync(made.publicPath, 0o600);
    await expect(readSigningKey(made.publicPath)).rejects.toMatchObject({ code: "KEY_MALFORMED" });
  });

  it("has a private part and another key's public one", async () => {
    const [one, other] = [0, 1].map(() => generateKeyPairSync("ec", { namedCurve: "prime256v1" }));
    const pointOf = (pair = one) =>
      pair?.publicKey.export({ type: "spki", format: "der" }).subarray(-65) ?? Buffer.of();
    const der = one?.privateKey.export({ type: "pkcs8", format: "der" }) ?? Buffer.of();
    der.set(pointOf(other), der.indexOf(pointOf(one)));
    const pem = String(
      createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ type: "pkcs8", format: "pem" }),
    );
    await expect(readSigningKey(put("two.key", pem))).rejects.toMatchObject({
      code: "KEY_MALFORMED",
      message: expect.stringContaining("of two keys"),
    });
  });

  it("may be read by others", async () => {
    const open = put("open.key", readFileSync(made.path, "utf8"), 0o640);
    chmodSync(open, 0o640);
    await expect(readSigningKey(open)).rejects.toMatchObject({
      code: "KEY_EXPOSED",
      message: expect.stringContaining("640"),
    });
  });

  it("is encrypted, and opens by its passphrase alone", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const pem = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open sesame" });
    const encrypted = put("encrypted.key", String(pem));
    await expect(readSigningKey(encrypted)).rejects.toMatchObject({ kind: "usage", code: "KEY_PASSPHRASE" });
    await expect(readSigningKey(encrypted, "wrong")).rejects.toMatchObject({ code: "KEY_PASSPHRASE" });
    const key = await readSigningKey(encrypted, "open sesame");
    expect(key.publicKey.verify(data, await key.sign(data))).toBe(true);
  });
});

describe("a key in a token", () => {
  it("is named by a PKCS #11 URI, whose percent-encoding stands for bytes", () => {
    const uri = "pkcs11:token=My%20token;object=release;id=%01%ab;type=private?module-path=/usr/lib/module.so";
    expect(parsePkcs11Uri(uri)).toEqual({
      token: "My token",
      object: "release",
      id: "01ab",
      module: "/usr/lib/module.so",
    });
  });

  it.each([
    ["no module", "pkcs11:object=a"],
    ["nothing that names the key", "pkcs11:token=a?module-path=/m.so"],
    ["a PIN in it", "pkcs11:object=a?module-path=/m.so&pin-value=1234"],
    ["a PIN behind what is wrong as well", "pkcs11:colour=red;object=%a?module-name=m&pin-value=1234"],
    ["a PIN in the wrong half", "pkcs11:colour=red;pin-value=1234;object=a"],
    ["a PIN in which there is a separator", "pkcs11:object=a?pin-value=0;1234&module-path=/m.so"],
    ["a PIN in other letters", "pkcs11:object=a?PIN-VALUE=1234"],
    ["an attribute that is not known", "pkcs11:colour=red;object=a?module-path=/m.so"],
    ["half an encoded byte", "pkcs11:object=%a?module-path=/m.so"],
  ])("is refused with %s", (_what, uri) => {
    expect(() => parsePkcs11Uri(uri)).toThrow(expect.objectContaining({ code: "KEY_MALFORMED" }));
    try {
      parsePkcs11Uri(uri);
    } catch (error) {
      const { message, at, hint, detail } = error as HadronError;
      expect([message, at, hint, detail].join("\n")).not.toContain("1234");
    }
  });

  it("that can't be had says why", async () => {
    const uri = "pkcs11:object=a?module-path=/m.so";
    const tool = put("pkcs11-tool", "#!/bin/sh\necho 'error: no such token' >&2\necho Aborting. >&2\nexit 1\n", 0o700);
    await expect(openPkcs11Key(uri, { tool: [tool], environment: {} })).rejects.toMatchObject({
      code: "PKCS11_FAILED",
    });
    const environment = { PATH: process.env.PATH, HADRON_PKCS11_PIN: "1234" };
    await expect(openPkcs11Key(uri, { tool: [tool], environment })).rejects.toMatchObject({
      kind: "host",
      message: `Could not use the key "${uri}": no such token`,
    });
    await expect(openPkcs11Key(uri, { tool: ["/nonexistent"], environment })).rejects.toMatchObject({
      hint: expect.stringContaining("HADRON_PKCS11_TOOL"),
    });
  });
});
