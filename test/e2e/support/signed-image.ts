import { join } from "node:path";
import { Readable } from "node:stream";
import { provenanceType, statementOf } from "../../../src/attest/mod.ts";
import { silent } from "../../../src/base/mod.ts";
import { attachDocuments, type Document } from "../../../src/cli/attach.ts";
import { attachedKinds } from "../../../src/cli/attached-kinds.ts";
import { mediaTypes, openLayout, pushLayout } from "../../../src/oci/mod.ts";
import { freshFolder } from "./artifacts.ts";
import { hadronData } from "./hadron-command.ts";
import { type RealRegistry, startRegistry } from "./registry.ts";

/** A registry, and keys that were made for this run; nothing that they sign outlives it. */
export interface SigningPlace extends AsyncDisposable {
  folder: string;
  registry: RealRegistry;
  key: string;
  publicKey: string;
  /** By which nothing is signed. */
  otherPublicKey: string;
  /** Options by which commands talk to the registry. */
  plain: string[];
  /** Signs by the key. */
  sign(artifact: string, ...more: string[]): Promise<unknown>;
}

export async function openSigningPlace(name: string): Promise<SigningPlace> {
  const folder = await freshFolder(name);
  const [key, other] = [join(folder, "test.key"), join(folder, "other.key")];
  await hadronData(["keys", "new", key, "--test", "--valid-until", "2100-01-01"]);
  await hadronData(["keys", "new", other, "--test"]);
  const registry = await startRegistry(join(folder, "registry"));
  const plain = ["--plain-http", registry.host];
  return {
    ...{ folder, registry, key, plain },
    publicKey: join(folder, "test.pub"),
    otherPublicKey: join(folder, "other.pub"),
    sign: (artifact, ...more) => hadronData(["sign", artifact, "--key", key, "--allow-test-key", ...plain, ...more]),
    [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose](),
  };
}

/** An image of a few bytes in the registry, with small documents attached that are of it. */
export async function pushedImage(
  { folder, registry }: SigningPlace,
  name: string,
): Promise<{ reference: string; digest: string }> {
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
