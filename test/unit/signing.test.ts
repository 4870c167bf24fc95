import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  chainOf,
  makeKey,
  type NamedAttestation,
  type PublicKey,
  readPublicKey,
  readSigningKey,
  type SigningKey,
  signFile,
  signImage,
  statementOf,
  verifyFile,
  verifyImage,
} from "../../src/attest/mod.ts";
import { sha256 } from "../../src/base/mod.ts";
import { openSubject, pullToLayout, type Subject } from "../../src/oci/mod.ts";
import { type ImageAndRegistry, imageAndRegistry } from "../../src/oci/registry/test-image.ts";

interface Pair {
  key: SigningKey;
  trusted: PublicKey;
}

let folder: Awaited<ReturnType<typeof mkdtempDisposable>>;
let ours: Pair;
let others: Pair;
beforeAll(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), "hadron-signing-"));
  const make = async (name: string): Promise<Pair> => {
    const made = await makeKey(join(folder.path, `${name}.key`), { test: false });
    return { key: await readSigningKey(made.path), trusted: await readPublicKey(made.publicPath) };
  };
  ours = await make("ours");
  others = await make("others");
});
afterAll(() => folder.remove());

const forms = ["tag", "bundle"] as const;

/** A provenance as `hadron image` writes it, by one builder. */
function provenance(digest: string, builder = "urn:hadron:builder:local"): NamedAttestation {
  const predicateType = "https://slsa.dev/provenance/v1";
  const keyFingerprint = "A".repeat(40);
  const statement = statementOf({ name: "hadron/cloud:0.1.0", sha256: digest }, predicateType, {
    buildDefinition: {
      buildType: "urn:hadron:build-graph:1",
      externalParameters: { image: "cloud", artifact: "oci", architecture: "x86_64" },
      resolvedDependencies: [
        { name: "hadron", digest: { gitCommit: "1".repeat(40) } },
        { name: "hadron/files", digest: { "hadron-files-1": "2".repeat(64) } },
        {
          name: "zlib",
          digest: { sha256: "3".repeat(64) },
          annotations: { origin: "upstream", signedBy: { keyFingerprint, name: "Mark" } },
        },
        { name: "musl", digest: { sha256: "4".repeat(64) }, annotations: { origin: "debian-repack", notSigned: "…" } },
        { name: "toolbox/build", digest: { "hadron-toolbox-1": "5".repeat(64) } },
        { name: "toolbox/build/gcc", digest: { sha256: "6".repeat(64) } },
      ],
    },
    runDetails: { builder: { id: builder }, byproducts: [{ name: "zlib" }, { name: "cloud:root" }] },
  });
  return { word: "provenance", predicateType, statement: Buffer.from(JSON.stringify(statement)) };
}

/** The image of the tests in a registry, which lists referrers itself or leaves that to a tag. */
async function pushed(
  options?: Parameters<typeof imageAndRegistry>[0],
): Promise<ImageAndRegistry & { subject: Subject }> {
  const it = await imageAndRegistry(options);
  await it.push();
  const subject = await openSubject(`${it.registry.host}/some/image:v1`, "push", it.common);
  return {
    ...it,
    subject,
    [Symbol.asyncDispose]: async () => {
      subject[Symbol.dispose]();
      await it[Symbol.asyncDispose]();
    },
  };
}

const hexOf = ({ descriptor }: Subject): string => descriptor.digest.slice("sha256:".length);

describe("a signed image", () => {
  it.each([
    ["lists referrers", true],
    ["leaves that to a tag", false],
  ])("is verified in a registry that %s, in both forms, with what is attested of it", async (_how, hasReferrers) => {
    await using it = await pushed({ hasReferrers });
    const attestations = [provenance(hexOf(it.subject))];
    const signed = await signImage(it.subject, ours.key, { forms, attestations });
    expect(signed.map(({ form, what, wasThere }) => `${form} ${what} ${wasThere}`)).toEqual([
      "tag signature false",
      "tag https://slsa.dev/provenance/v1 false",
      "bundle signature false",
      "bundle https://slsa.dev/provenance/v1 false",
    ]);
    const verified = await verifyImage(it.subject, [others.trusted, ours.trusted]);
    expect(verified.signatures.map(({ form, key }) => `${form} ${key.fingerprint}`)).toEqual(
      forms.map((form) => `${form} ${ours.trusted.fingerprint}`),
    );
    expect(verified).toMatchObject({ attestations: [{ key: ours.trusted }], worthless: [] });
  });

  it("is not signed again by the same key, and keeps another's signatures", async () => {
    await using it = await pushed();
    const attestations = [provenance(hexOf(it.subject))];
    await signImage(it.subject, ours.key, { forms, attestations });
    const requests = it.registry.requests.length;
    const again = await signImage(it.subject, ours.key, { forms, attestations });
    expect(again.every(({ wasThere }) => wasThere)).toBe(true);
    expect(it.registry.requests.slice(requests).filter((request) => !/^(GET|HEAD)/.test(request))).toEqual([]);
    await signImage(it.subject, others.key, { forms, attestations });
    for (const { trusted } of [ours, others])
      expect((await verifyImage(it.subject, [trusted])).signatures).toHaveLength(2);
  });

  it("by a key that is not trusted counts for nothing", async () => {
    await using it = await pushed();
    await signImage(it.subject, others.key, { forms, attestations: [provenance(hexOf(it.subject))] });
    const verified = await verifyImage(it.subject, [ours.trusted]);
    expect(verified).toMatchObject({ signatures: [], attestations: [] });
    expect(verified.worthless).toHaveLength(4);
  });

  it("lends its signatures to no other image", async () => {
    await using it = await pushed();
    await signImage(it.subject, ours.key, { forms: ["tag"], attestations: [provenance(hexOf(it.subject))] });
    // Who controls a registry can put them under another image's tag.
    const other = { ...it.subject, descriptor: { ...it.subject.descriptor, digest: `sha256:${"f".repeat(64)}` } };
    for (const kind of ["sig", "att"]) {
      const copied = it.registry.manifests.get(`sha256-${hexOf(it.subject)}.${kind}`);
      if (copied) it.registry.manifests.set(`sha256-${"f".repeat(64)}.${kind}`, copied);
    }
    const verified = await verifyImage(other, [ours.trusted]);
    expect(verified).toMatchObject({ signatures: [], attestations: [] });
    expect(verified.worthless).toEqual([
      expect.stringContaining("of another image"),
      expect.stringContaining("of another artifact"),
    ]);
  });

  it.each([
    ["provenance", "https://slsa.dev/provenance/v1"],
    ["a signature", "https://sigstore.dev/cosign/sign/v1"],
  ])("is not vouched for by a statement (%s) that is of another one too", async (_what, predicateType) => {
    await using it = await pushed();
    const { statement: made } = provenance(hexOf(it.subject));
    const statement = JSON.parse(String(made)) as { subject: object[] };
    const other = { name: "other", digest: { sha256: "f".repeat(64) } };
    const both = Buffer.from(JSON.stringify({ ...statement, predicateType, subject: [...statement.subject, other] }));
    await signImage(it.subject, ours.key, { forms, attestations: [{ predicateType, statement: both }] });
    const { signatures, attestations, worthless } = await verifyImage(it.subject, [ours.trusted]);
    // The image's own signatures, which were made beside it.
    expect(signatures).toHaveLength(2);
    expect(attestations).toEqual([]);
    expect(worthless).toEqual(forms.map(() => expect.stringContaining("of several artifacts")));
  });

  it("whose attestation was altered has none", async () => {
    await using it = await pushed();
    await signImage(it.subject, ours.key, { forms: ["bundle"], attestations: [provenance(hexOf(it.subject))] });
    const read: Subject["read"] = async (blob) => {
      const bundle = JSON.parse((await it.subject.read(blob)).toString()) as { dsseEnvelope: { payload: string } };
      const payload = Buffer.from(bundle.dsseEnvelope.payload, "base64").toString().replace("cloud", "edge");
      bundle.dsseEnvelope.payload = Buffer.from(payload).toString("base64");
      return Buffer.from(JSON.stringify(bundle));
    };
    const verified = await verifyImage({ ...it.subject, read }, [ours.trusted]);
    expect(verified.signatures).toHaveLength(1);
    expect(verified.attestations).toEqual([]);
    expect(verified.worthless).toEqual([expect.stringContaining("none of the keys, or damaged")]);
  });

  it("can be signed in a layout, and its bundles go along to a registry and back", async () => {
    await using it = await imageAndRegistry();
    using subject = await openSubject(`${it.layout.path}:v1`, "push", it.common);
    await signImage(subject, ours.key, { forms: ["bundle"], attestations: [provenance(hexOf(subject))] });
    expect((await verifyImage(subject, [ours.trusted])).signatures).toHaveLength(1);
    await it.push();
    await pullToLayout(it.reference, it.to, it.common);
    using pulled = await openSubject(it.to, "pull", it.common);
    const verified = await verifyImage(pulled, [ours.trusted]);
    expect(verified).toMatchObject({ signatures: [{ form: "bundle" }], attestations: [{}], worthless: [] });
  });
});

describe("a signed file", () => {
  it("is verified by the bundles beside it, until it is changed", async () => {
    const path = join(folder.path, "cloud.raw");
    await writeFile(path, "a disk");
    const attestations = [provenance(sha256("a disk"))];
    const signed = await signFile(path, ours.key, attestations);
    expect(signed.map((one) => one.path)).toEqual([`${path}.sigstore.json`, `${path}.provenance.sigstore.json`]);
    expect((await signFile(path, ours.key, attestations)).every(({ wasThere }) => wasThere)).toBe(true);
    const good = await verifyFile(path, [others.trusted, ours.trusted], ["provenance"]);
    expect(good).toMatchObject({
      signatures: [{ key: ours.trusted }],
      attestations: [{ key: ours.trusted }],
      worthless: [],
    });
    expect(await verifyFile(path, [others.trusted], ["provenance"])).toMatchObject({
      signatures: [],
      attestations: [],
    });
    await writeFile(path, "another disk");
    const changed = await verifyFile(path, [ours.trusted], ["provenance"]);
    expect(changed).toMatchObject({ signatures: [], attestations: [] });
    expect(changed.worthless).toHaveLength(2);
  });

  it("keeps the signature of another key, and is signed again by its own after a change", async () => {
    const path = join(folder.path, "others.raw");
    await writeFile(path, "a disk");
    await signFile(path, ours.key, []);
    const attestations = [provenance(sha256("a disk"))];
    const refused = { kind: "input", code: "SIGNATURE_OTHERS", at: `${path}.sigstore.json` };
    await expect(signFile(path, others.key, attestations)).rejects.toMatchObject(refused);
    expect((await verifyFile(path, [ours.trusted], [])).signatures).toHaveLength(1);
    await writeFile(path, "another disk");
    expect(await signFile(path, ours.key, [])).toMatchObject([{ wasThere: false }]);
    expect((await verifyFile(path, [ours.trusted], [])).signatures).toHaveLength(1);

    const foreign = join(folder.path, "stated.raw");
    await writeFile(foreign, "a disk");
    await writeFile(`${foreign}.provenance.sigstore.json`, "of no known form");
    await expect(signFile(foreign, ours.key, attestations)).rejects.toMatchObject({ code: "SIGNATURE_OTHERS" });
    expect((await verifyFile(foreign, [ours.trusted], [])).signatures).toEqual([]);
  });

  it("has Sigstore bundles of version 0.3, which name the key and no log", async () => {
    const path = join(folder.path, "cloud.iso");
    await writeFile(path, "an ISO");
    await signFile(path, ours.key, []);
    expect(JSON.parse(await readFile(`${path}.sigstore.json`, "utf8"))).toEqual({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint: ours.trusted.hint } },
      messageSignature: {
        messageDigest: {
          algorithm: "SHA2_256",
          digest: Buffer.from(sha256("an ISO"), "hex").toString("base64"),
        },
        signature: expect.any(String),
      },
    });
  });
});

describe("the chain of an artifact", () => {
  it("leads from who signed it to the sources and who verified those, and to who made the same again", async () => {
    await using it = await pushed();
    const digest = hexOf(it.subject);
    await signImage(it.subject, ours.key, { forms, attestations: [provenance(digest)] });
    await signImage(it.subject, others.key, { forms, attestations: [provenance(digest, "https://ci.example/second")] });
    const keys = [ours.trusted, others.trusted];
    const chain = chainOf(await verifyImage(it.subject, keys), keys);
    expect(chain.signedBy.map(({ fingerprint }) => fingerprint)).toEqual([
      ours.trusted.fingerprint,
      others.trusted.fingerprint,
    ]);
    const fingerprint = expect.any(String);
    expect(chain.builtFrom).toMatchObject({
      ...{ image: "cloud", artifact: "oci", architecture: "x86_64", sources: 2, packages: 1, steps: 2 },
      ...{ commit: "1".repeat(40), files: "2".repeat(64), statedBy: { fingerprint } },
    });
    expect(chain.sourcesVerifiedBy).toEqual({
      signed: [{ source: "zlib", keyFingerprint: "A".repeat(40), name: "Mark" }],
      ...{ upstream: 1, repacked: 1 },
    });
    expect(chain.builtFrom).toMatchObject({
      builder: "urn:hadron:builder:local",
      statedBy: { fingerprint: ours.trusted.fingerprint },
    });
    expect(chain.reproducedBy).toEqual([
      { builder: "https://ci.example/second", statedBy: expect.objectContaining({ key: others.trusted.name }) },
    ]);
    const turned = [others.trusted, ours.trusted];
    const other = chainOf(await verifyImage(it.subject, turned), turned);
    expect(other.builtFrom?.builder).toBe("https://ci.example/second");
    expect(other.reproducedBy.map(({ builder }) => builder)).toEqual(["urn:hadron:builder:local"]);
    expect(other.signedBy.map(({ key }) => key)).toEqual([others.trusted.name, ours.trusted.name]);
  });

  it("takes nobody for two: neither a key under two names, nor a name that two keys vouch for", async () => {
    await using it = await pushed();
    const digest = hexOf(it.subject);
    const second = provenance(digest, "https://ci.example/second");
    await signImage(it.subject, ours.key, { forms: ["bundle"], attestations: [provenance(digest), second] });
    await signImage(it.subject, others.key, { forms: ["bundle"], attestations: [] });
    const keys = [ours.trusted, others.trusted];
    expect(chainOf(await verifyImage(it.subject, keys), keys).reproducedBy).toEqual([]);

    await using twice = await pushed();
    const same = provenance(hexOf(twice.subject));
    for (const { key } of [ours, others])
      await signImage(twice.subject, key, { forms: ["bundle"], attestations: [same] });
    expect(chainOf(await verifyImage(twice.subject, keys), keys).reproducedBy).toEqual([]);
  });

  it("says nothing of what nobody trusted stated", async () => {
    await using it = await pushed();
    await signImage(it.subject, ours.key, { forms, attestations: [] });
    await signImage(it.subject, others.key, { forms, attestations: [provenance(hexOf(it.subject))] });
    const chain = chainOf(await verifyImage(it.subject, [ours.trusted]), [ours.trusted]);
    expect(chain).toMatchObject({
      signedBy: [{ fingerprint: ours.trusted.fingerprint }],
      reproducedBy: [],
      attested: [],
    });
    expect(chain.builtFrom).toBeUndefined();
  });
});
