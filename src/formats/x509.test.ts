import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { derInteger } from "./der.ts";
import { issuerAndSerialOf, noExpiry, selfSignedCertificate } from "./x509.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const fields = {
  commonName: "Ours – für Module",
  serial: Buffer.from("8a01020304", "hex"),
  notBefore: new Date("2026-11-27T01:02:03.456Z"),
  notAfter: noExpiry,
};

describe("a certificate of our own", () => {
  const bytes = selfSignedCertificate(privateKey, fields);
  const read = new X509Certificate(bytes);

  it("is read by OpenSSL, in Node, with what was put in", () => {
    expect(read.subject).toBe("CN=Ours – für Module");
    expect(read.issuer).toBe(read.subject);
    expect(read.serialNumber).toBe("8A01020304");
    expect(read.validFromDate).toEqual(new Date("2026-11-27T01:02:03Z"));
    expect(read.validToDate).toEqual(noExpiry);
    expect(read.ca).toBe(false);
    expect(read.raw.equals(bytes)).toBe(true);
  });

  it("is of that key, and is signed by it", () => {
    expect(read.checkPrivateKey(privateKey)).toBe(true);
    expect(read.verify(publicKey)).toBe(true);
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
    expect(read.verify(other.publicKey)).toBe(false);
  });

  it("says that its key signs, and names it by its digest", () => {
    const octets = bytes.toString("hex");
    // Critical, digitalSignature alone.
    expect(octets).toContain("0603551d0f0101ff040403020780");
    const pkcs1 = publicKey.export({ type: "pkcs1", format: "der" });
    const identifier = createHash("sha1").update(pkcs1).digest("hex");
    expect(octets).toContain(`0603551d0e04160414${identifier}`);
    expect(octets).toContain(`0603551d230418301680${"14"}${identifier}`);
  });

  it("is the same each time", () => {
    expect(selfSignedCertificate(privateKey, fields).equals(bytes)).toBe(true);
  });

  it("has a time with four digits of the year from 2050 on, and with two before", () => {
    const until = (notAfter: Date) =>
      new X509Certificate(selfSignedCertificate(privateKey, { ...fields, notAfter })).validToDate;
    for (const time of ["2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"])
      expect(until(new Date(time))).toEqual(new Date(time));
  });
});

describe("issuer and serial number", () => {
  it("are those of the certificate", () => {
    const { issuer, serial } = issuerAndSerialOf(selfSignedCertificate(privateKey, fields));
    expect(serial.equals(derInteger(fields.serial))).toBe(true);
    expect(issuer.toString("latin1")).toContain(Buffer.from("Ours – für Module").toString("latin1"));
  });

  it("are refused of what is no certificate", () => {
    const spki = publicKey.export({ type: "spki", format: "der" });
    expect(() => issuerAndSerialOf(spki)).toThrow(expect.objectContaining({ code: "CERTIFICATE_INVALID" }));
    expect(() => issuerAndSerialOf(Buffer.from("text"))).toThrow(expect.objectContaining({ code: "DER_INVALID" }));
  });
});
