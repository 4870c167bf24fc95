import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chain, openPkcs11Key, provenanceType, statementOf } from "../../src/attest/mod.ts";
import { cacheRoot, runProcess, silent } from "../../src/base/mod.ts";
import { attachDocuments, type Document } from "../../src/cli/attach.ts";
import { attachedKinds } from "../../src/cli/attached-kinds.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { mediaTypes, openLayout, pushLayout } from "../../src/oci/mod.ts";
import { freshFolder } from "./support/artifacts.ts";
import { cosign } from "./support/cosign.ts";
import { hadron, hadronData } from "./support/hadron-command.ts";
import { judgeCommand } from "./support/judge.ts";
import { type RealRegistry, startRegistry } from "./support/registry.ts";

let folder: string;
let registry: RealRegistry;
/** Made for this run; nothing that it signs outlives it. */
const key = () => join(folder, "test.key");
const publicKey = () => join(folder, "test.pub");
let plain: string[];

beforeAll(async () => {
  folder = await freshFolder("signatures");
  registry = await startRegistry(join(folder, "registry"));
  plain = ["--plain-http", registry.host];
  await hadronData(["keys", "new", key(), "--test", "--valid-until", "2100-01-01"]);
  await hadronData(["keys", "new", join(folder, "other.key"), "--test"]);
});
afterAll(() => registry[Symbol.asyncDispose]());

/** An image of a few bytes in the registry, with small documents attached that are of it. */
async function pushedImage(name: string): Promise<{ reference: string; digest: string }> {
  const layout = openLayout(join(folder, `${name}.oci`));
  const blob = await layout.writeBlob(Readable.from([Buffer.from(name)]));
  const shared = { schemaVersion: 2, mediaType: mediaTypes.manifest };
  const config = await layout.writeJson(
    { architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [blob.digest] } },
    mediaTypes.config,
  );
  const layer = { mediaType: mediaTypes.layerTar, ...blob };
  const root = await layout.writeJson({ ...shared, config, layers: [layer] }, mediaTypes.manifest);
  await layout.writeIndex([{ ...root, annotations: { "org.opencontainers.image.ref.name": "v1" } }]);
  const environment = { HOME: folder, PATH: process.env.PATH };
  const context = { environment, emit: silent, signal: new AbortController().signal };
  await attachDocuments(documentsOf(root.digest.slice(7)), { kind: "oci", path: `${layout.path}:v1` }, context);
  const reference = { registry: registry.host, repository: `signed/${name}`, tag: "v1" };
  await pushLayout(`${layout.path}:v1`, reference, { environment, plainHttp: [registry.host], withReferrers: true });
  return { reference: `${registry.host}/signed/${name}:v1`, digest: root.digest };
}

function documentsOf(sha256: string): Document[] {
  const subject = { name: "hadron/small:v1", sha256 };
  const provenance = statementOf(subject, provenanceType, {
    buildDefinition: {
      buildType: "urn:hadron:build-graph:1",
      externalParameters: { image: "small", artifact: "oci", architecture: "x86_64" },
      resolvedDependencies: [{ name: "zlib", digest: { sha256: "3".repeat(64) }, annotations: { origin: "upstream" } }],
    },
    runDetails: { builder: { id: "urn:hadron:builder:local" } },
  });
  const verifiedUsing = [{ type: "Hash", algorithm: "sha256", hashValue: sha256 }];
  const spdx = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
      { type: "software_Sbom", spdxId: "urn:a:sbom", rootElement: ["urn:a:artifact"] },
      { type: "software_Package", spdxId: "urn:a:artifact", name: "small", verifiedUsing },
    ],
  };
  const component = { type: "container", name: "small", hashes: [{ alg: "SHA-256", content: sha256 }] };
  const cyclonedx = { bomFormat: "CycloneDX", specVersion: "1.6", metadata: { component } };
  return [
    { kind: attachedKinds.spdx, text: JSON.stringify(spdx) },
    { kind: attachedKinds.cyclonedx, text: JSON.stringify(cyclonedx) },
    { kind: attachedKinds.provenance, text: JSON.stringify(provenance) },
  ];
}

/** What cosign's own words for it are. */
const attestationTypes = ["slsaprovenance1", "spdxjson", "cyclonedx"];

/** Offline: with a key, and no transparency log. */
const offline = ["--insecure-ignore-tlog=true", "--offline", "--allow-http-registry"];

const sign = (artifact: string, ...more: string[]) =>
  hadronData(["sign", artifact, "--key", key(), "--allow-test-key", ...plain, ...more]);

describe.each([
  [2, "tag"],
  [3, "bundle"],
] as const)("what hadron sign wrote for cosign %i (%s)", (version, form) => {
  let image: { reference: string; digest: string };
  beforeAll(async () => {
    image = await pushedImage(`for-${form}`);
    await sign(image.reference, "--form", form);
  });

  it("cosign verifies offline, with a key and no transparency log", async () => {
    const result = await cosign(version, ["verify", "--key", publicKey(), ...offline, image.reference]);
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toContain(image.digest);
  });

  it.each(attestationTypes)("cosign verifies the attestation %s", async (type) => {
    const words = ["verify-attestation", "--type", type, "--key", publicKey(), ...offline, image.reference];
    const result = await cosign(version, words);
    expect(result.stderr + result.stdout).toContain("The signatures were verified against the specified public key");
    expect(result.exitCode).toBe(0);
  });

  it("cosign refuses by the wrong key", async () => {
    const other = join(folder, "other.pub");
    expect((await cosign(version, ["verify", "--key", other, ...offline, image.reference])).exitCode).not.toBe(0);
    const words = ["verify-attestation", "--type", "slsaprovenance1", "--key", other, ...offline, image.reference];
    expect((await cosign(version, words)).exitCode).not.toBe(0);
  });

  it("hadron verify reads, and says the chain", async () => {
    const chain = await hadronData<Chain>([
      "verify",
      image.reference,
      "--key",
      publicKey(),
      "--allow-test-key",
      ...plain,
    ]);
    expect(chain.signedBy).toMatchObject([{ fingerprint: expect.stringMatching(/^000/), isTest: true }]);
    expect(chain.builtFrom).toMatchObject({ image: "small", sources: 1 });
    expect(chain.attested).toHaveLength(3);
  });
});

describe("hadron verify reads", () => {
  it.each([2, 3] as const)("what cosign %i signed", async (version) => {
    const { reference, digest } = await pushedImage(`by-cosign-${version}`);
    const keys = join(folder, `cosign-${version}`);
    await mkdir(keys, { recursive: true });
    const pair = join(keys, "pair");
    await cosign(version, ["generate-key-pair", "--output-key-prefix", pair]);
    const log = version === 3 ? ["--tlog-upload=false", "--use-signing-config=false"] : ["--tlog-upload=false"];
    const at = `${reference.replace(/:v1$/, "")}@${digest}`;
    const signed = await cosign(version, [
      "sign",
      "--yes",
      "--key",
      `${pair}.key`,
      ...log,
      "--allow-http-registry",
      at,
    ]);
    expect(signed, signed.stderr).toMatchObject({ exitCode: 0 });
    const chain = await hadronData<Chain>(["verify", reference, "--key", `${pair}.pub`, ...plain]);
    expect(chain.signedBy).toHaveLength(1);
  });
});

describe("hadron verify refuses", () => {
  const refused = async (words: string[]) => {
    const { status, stdout } = await hadron(["verify", ...words, ...plain, "--json"]);
    return { status, code: (JSON.parse(stdout) as { error?: { code: string } }).error?.code };
  };

  it("a signature by the wrong key, none at all, a test key that is not allowed, and a file that was changed", async () => {
    const { reference } = await pushedImage("refused");
    const allowed = ["--key", publicKey(), "--allow-test-key"];
    expect(await refused([reference, ...allowed])).toEqual({ status: 3, code: "SIGNATURE_MISSING" });
    await sign(reference);
    expect(await refused([reference, "--key", join(folder, "other.pub"), "--allow-test-key"])).toEqual({
      status: 3,
      code: "SIGNATURE_BAD",
    });
    expect(await refused([reference, "--key", publicKey()])).toEqual({ status: 3, code: "KEY_TEST" });
    const file = join(folder, "disk.raw");
    await writeFile(file, "a disk");
    await sign(file);
    expect((await hadron(["verify", file, ...allowed])).stdout).toContain("signed by");
    await writeFile(file, "another disk");
    expect(await refused([file, ...allowed])).toEqual({ status: 3, code: "SIGNATURE_BAD" });
  });

  it("a release's test key, already when it is to sign", async () => {
    const { status, stdout } = await hadron(["sign", join(folder, "disk.raw"), "--key", key(), "--json"]);
    expect(status).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "KEY_TEST" } });
  });
});

it("a key in a token (SoftHSM) signs, and cosign verifies that", async () => {
  const { path: tree } = await ensureToolboxSet("signing", { cacheRoot: cacheRoot() });
  const module = join(tree, "usr/lib/softhsm/libsofthsm2.so");
  const tokens = join(folder, "tokens");
  await rm(tokens, { recursive: true, force: true });
  await mkdir(tokens);
  const config = join(folder, "softhsm.conf");
  await writeFile(config, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const env = { SOFTHSM2_CONF: config, HADRON_PKCS11_PIN: "1234", LC_ALL: "C" };
  const tool = judgeCommand(tree, "usr/bin/pkcs11-tool", []);
  const ask = async (...words: string[]): Promise<void> => {
    const [program, ...before] = tool;
    const result = await runProcess(program, [...before, "--module", module, ...words], { env });
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
  };
  const onToken = ["--token-label", "test", "--login", "--pin", "1234"];
  await ask("--init-token", "--slot-index", "0", "--label", "test", "--so-pin", "5678");
  await ask("--init-pin", "--token-label", "test", "--so-pin", "5678", "--pin", "1234");
  await ask("--keypairgen", "--key-type", "EC:prime256v1", ...onToken, "--label", "release", "--id", "01");
  const uri = `pkcs11:token=test;object=release?module-path=${module}`;
  const pem = join(folder, "token.pub");
  await writeFile(pem, (await openPkcs11Key(uri, { tool, environment: env })).publicKey.pem);

  const { reference } = await pushedImage("by-token");
  await hadronData(["sign", reference, "--key", uri, "--allow-test-key", ...plain], { env });
  for (const version of [2, 3] as const)
    expect(await cosign(version, ["verify", "--key", pem, ...offline, reference])).toMatchObject({ exitCode: 0 });
  const wrong = await hadron(["sign", reference, "--key", uri, ...plain, "--json"], {
    env: { ...env, HADRON_PKCS11_PIN: "9999" },
  });
  expect(wrong.status).toBe(7);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: "PKCS11_FAILED" } });
  expect(wrong.stderr + wrong.stdout).not.toContain("9999");
  expect(await readFile(pem, "utf8")).not.toContain("PRIVATE");
});

it("a file's bundle is what cosign 3 verifies", async () => {
  const file = join(folder, "blob.raw");
  await writeFile(file, "a blob");
  await sign(file);
  const words = ["verify-blob", "--key", publicKey(), "--insecure-ignore-tlog=true"];
  const bundle = ["--bundle", `${file}.sigstore.json`, file];
  const good = await cosign(3, [...words, ...bundle]);
  expect(good, good.stderr).toMatchObject({ exitCode: 0 });
  await writeFile(file, "another blob");
  expect((await cosign(3, [...words, ...bundle])).exitCode).not.toBe(0);
});
