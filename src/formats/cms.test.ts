import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signDetached, verifyDetached } from "./cms.ts";
import { opensslFixture } from "./cms-fixture.ts";
import { der, derTag } from "./der.ts";
import { issuerAndSerialOf, noExpiry, selfSignedCertificate } from "./x509.ts";

/** Made once: a key takes longer than all that is done with it here. */
const [ourKey, otherKey] = [newKey(), newKey()];

function newKey(): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

function signerWith(privateKey: KeyObject, serial: number) {
  const fields = { commonName: "Signer", serial: Buffer.from([serial]), notBefore: new Date(0), notAfter: noExpiry };
  return { privateKey, certificate: selfSignedCertificate(privateKey, fields) };
}

const signer = signerWith(ourKey, 1);
const data = Buffer.from("some module\n");
const signature = signDetached(data, signer);
const refused = (why: RegExp) =>
  expect.objectContaining({ code: "SIGNATURE_INVALID", message: expect.stringMatching(why) });

describe("a detached signature", () => {
  it("is what OpenSSL makes, but for whose it is", () => {
    const swap = (bytes: Buffer, from: Buffer, to: Buffer) => {
      const at = bytes.indexOf(from);
      expect(at).toBeGreaterThan(0);
      return Buffer.concat([bytes.subarray(0, at), to, bytes.subarray(at + from.length)]);
    };
    const theirs = issuerAndSerialOf(opensslFixture.certificate);
    const octets = (bytes: Buffer) => bytes.subarray(bytes.length - 256);
    // A signer with their name, whose signature is then theirs.
    const { privateKey } = signer;
    const named = Buffer.from(
      selfSignedCertificate(privateKey, {
        ...{ commonName: "Fixture, its key is gone", serial: Buffer.from("8a01020304", "hex") },
        ...{ notBefore: new Date(0), notAfter: noExpiry },
      }),
    );
    expect(issuerAndSerialOf(named)).toEqual(theirs);
    const made = signDetached(opensslFixture.data, { privateKey, certificate: named });
    expect(swap(made, octets(made), octets(opensslFixture.signature)).equals(opensslFixture.signature)).toBe(true);
  });

  it("of OpenSSL holds", () => {
    const { data, signature, certificate } = opensslFixture;
    verifyDetached(data, signature, certificate);
    expect(() => verifyDetached(Buffer.from("other"), signature, certificate)).toThrow(refused(/not over these bytes/));
  });

  it("is the same each time, and ends with RSA's own over the bytes", () => {
    expect(signDetached(data, signer).equals(signature)).toBe(true);
    const octets = der(derTag.octetString, sign("sha512", data, signer.privateKey));
    expect(signature.subarray(signature.length - octets.length).equals(octets)).toBe(true);
  });

  it("holds over any bytes, and over no others", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 5000 }), fc.nat(), (bytes, at) => {
        const made = signDetached(bytes, signer);
        verifyDetached(bytes, made, signer.certificate);
        const changed = Uint8Array.from(bytes);
        changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ 1;
        expect(() => verifyDetached(changed, made, signer.certificate)).toThrow(refused(/not over these bytes/));
      }),
      { numRuns: 20 },
    );
  });

  it("is refused, whichever byte of it is changed", () => {
    const codeWith = (at: number): string => {
      const changed = Buffer.from(signature);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      try {
        verifyDetached(data, changed, signer.certificate);
      } catch (error) {
        return String((error as { code?: unknown }).code);
      }
      return "accepted";
    };
    const codes = Array.from(signature, (_, at) => `byte ${at}: ${codeWith(at)}`);
    expect(codes.filter((code) => !code.endsWith("_INVALID"))).toEqual([]);
  });

  it("of another key is refused, also where that has the same name", () => {
    const of = (serial: number) => signerWith(otherKey, serial).certificate;
    expect(() => verifyDetached(data, signature, of(2))).toThrow(refused(/another certificate/));
    expect(() => verifyDetached(data, signature, of(1))).toThrow(refused(/not over these bytes/));
  });

  it("that is no signature, or cut off, is refused", () => {
    for (const bytes of [signer.certificate, signature.subarray(0, 40), Buffer.from("text"), Buffer.alloc(0)])
      expect(() => verifyDetached(data, bytes, signer.certificate)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/_INVALID$/) }),
      );
  });
});
