import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { provenanceType, statementOf } from "../attest/mod.ts";
import { sha256 } from "../base/mod.ts";
import type { LoadedManifest, Subject } from "../oci/mod.ts";
import { attachedKinds } from "./attached-kinds.ts";
import { attestationsAttached, attestationsBeside } from "./attestations.ts";

const artifact = { name: "disk.raw", sha256: sha256("a disk") };
const evil = { name: "evil.raw", digest: { sha256: "e".repeat(64) } };
const good = statementOf(artifact, provenanceType, { runDetails: { builder: { id: "urn:a" } } });
const [own] = good.subject;
const hash = { algorithm: "sha256", hashValue: artifact.sha256 };
const root = { type: "software_Package", spdxId: "urn:a", verifiedUsing: [hash] };
const spdxOf = (...more: object[]) => ({
  "@graph": [{ type: "software_Sbom", rootElement: ["urn:a"] }, root, ...more],
});
const cyclonedxOf = (...contents: string[]) => ({
  metadata: { component: { hashes: contents.map((content) => ({ alg: "SHA-256", content })) } },
});

async function beside(suffix: string, text: string) {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-attestations-"));
  const path = join(folder.path, artifact.name);
  await writeFile(path + suffix, text);
  return await attestationsBeside(path, artifact);
}

describe("what lies beside a file", () => {
  it("is signed as it was written, provenance; and stated of the file, a bill of materials", async () => {
    const [provenance] = await beside(".provenance.json", `${JSON.stringify(good)}\n`);
    expect(String(provenance?.statement)).toBe(JSON.stringify(good));
    const [spdx] = await beside(".spdx.json", JSON.stringify(spdxOf()));
    expect(JSON.parse(String(spdx?.statement))).toEqual(
      statementOf(artifact, attachedKinds.spdx.predicateType, spdxOf()),
    );
    expect(await beside(".cdx.json", JSON.stringify(cyclonedxOf(artifact.sha256)))).toHaveLength(1);
  });

  it.each<[string, object]>([
    ["of another artifact", { ...good, subject: [evil] }],
    ["of another one too", { ...good, subject: [own, evil] }],
    ["of another one first", { ...good, subject: [evil, own] }],
    ["of none", { ...good, subject: [] }],
    ["with another digest beside its own", { ...good, subject: [{ ...own, digest: { ...own?.digest, sha512: "e" } }] }],
    ["that is a signature as cosign states it", { ...good, predicateType: "https://sigstore.dev/cosign/sign/v1" }],
    ["of another version of statements", { ...good, _type: "https://in-toto.io/Statement/v0.1" }],
    ["with a member that other readers take for the subject", { ...good, Subject: [evil] }],
    ["that states nothing", { ...good, predicate: null }],
  ])("is not signed: provenance %s", async (_what, document) => {
    await expect(beside(".provenance.json", JSON.stringify(document))).rejects.toMatchObject({
      kind: "input",
      code: "ATTESTATION_MISMATCH",
      at: expect.stringContaining("disk.raw.provenance.json"),
    });
  });

  it("is signed without what a second member of the same name hides", async () => {
    const twice = JSON.stringify(good).replace('"subject":', `"subject":${JSON.stringify([evil])},"subject":`);
    const [provenance] = await beside(".provenance.json", twice);
    expect(String(provenance?.statement)).toBe(JSON.stringify(good));
  });

  it.each<[string, string, object]>([
    [".spdx.json", "of another artifact", { "@graph": [{ ...root, verifiedUsing: [{ ...hash, hashValue: "e" }] }] }],
    [".spdx.json", "of two, by a second element of the name", spdxOf(root)],
    [".spdx.json", "of two, by a second list", spdxOf({ type: "software_Sbom", rootElement: ["urn:b"] })],
    [".spdx.json", "of the other form", cyclonedxOf(artifact.sha256)],
    [".cdx.json", "of two", cyclonedxOf(artifact.sha256, "e")],
    [".cdx.json", "of the other form", spdxOf()],
    [".cdx.json", "of no form", []],
  ])("is not signed: %s %s", async (suffix, _what, document) => {
    await expect(beside(suffix, JSON.stringify(document))).rejects.toMatchObject({ code: "ATTESTATION_MISMATCH" });
  });
});

/** An image to which these texts are attached as provenance. */
function withAttached(...texts: string[]): Subject {
  const manifests = texts.map((_text, index) => ({
    descriptor: { mediaType: "", digest: `sha256:${index}`, size: 1 },
    blobs: [
      { mediaType: "", digest: "", size: 0 },
      { mediaType: "", digest: String(index), size: 1 },
    ],
  }));
  const isProvenance = (type?: string) => type === attachedKinds.provenance.artifactType;
  return {
    name: "r.example/a:v1",
    attached: async (type?: string) => (isProvenance(type) ? (manifests as unknown as LoadedManifest[]) : []),
    read: async ({ digest }: { digest: string }) => Buffer.from(texts[Number(digest)] ?? ""),
  } as unknown as Subject;
}

describe("what is attached to an image", () => {
  it("is signed where one of a kind is there", async () => {
    expect(await attestationsAttached(withAttached(JSON.stringify(good)), artifact)).toHaveLength(1);
  });

  it("is not signed where somebody attached another of the kind, although both name the image", async () => {
    const other = { ...good, predicate: { runDetails: { builder: { id: "urn:evil" } } } };
    const subject = withAttached(JSON.stringify(good), JSON.stringify(other));
    await expect(attestationsAttached(subject, artifact)).rejects.toMatchObject({
      code: "ATTESTATION_AMBIGUOUS",
      hint: expect.stringContaining("layout"),
      detail: "sha256:0\nsha256:1",
    });
  });

  it("is named by its digest where it can't be read", async () => {
    await expect(attestationsAttached(withAttached("{"), artifact)).rejects.toMatchObject({
      code: "ATTESTATION_MISMATCH",
      at: "r.example/a:v1, attached as sha256:0",
    });
  });
});
