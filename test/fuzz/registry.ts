import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { HadronError } from "../../src/base/mod.ts";
import { mediaTypes } from "../../src/oci/layout.ts";
import { parseChallenges } from "../../src/oci/registry/challenge.ts";
import { findCredentials } from "../../src/oci/registry/credentials.ts";
import { loadManifest, manifestTypes } from "../../src/oci/registry/manifest.ts";
import { retryAfter } from "../../src/oci/registry/patience.ts";
import { formatReference, parseReference } from "../../src/oci/registry/reference.ts";
import { spoiledJson, spoiledText } from "./spoil.ts";
import { fileTarget, type Target, target } from "./target.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const blob = { mediaType: mediaTypes.config, digest, size: 10 };
const image = {
  schemaVersion: 2,
  mediaType: mediaTypes.manifest,
  artifactType: "a/b",
  config: blob,
  layers: [{ ...blob, mediaType: mediaTypes.layerTarGzip }],
  subject: blob,
  annotations: { a: "b" },
};
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.index,
  manifests: [{ ...blob, mediaType: mediaTypes.manifest, platform: { os: "linux", architecture: "amd64" } }],
};
const challenge = 'Negotiate, Bearer realm="https://auth.example/token",service="r.example",scope="a \\"b\\""';
const credentials = {
  auths: { "r.example": { auth: btoa("me:secret") }, "https://r.example/v1/": { identitytoken: "x" } },
  credHelpers: { "other.example": "nothing-of-this-name" },
};

export const registry: readonly Target[] = [
  target({
    name: "a reference",
    few: 60,
    inputs: spoiledText([`oci://r.example:5000/a/b_c:tag-1@${digest}`, "docker.io/debian", "[::1]:5000/a:b"]),
    read: (text) => {
      const reference = parseReference(text);
      if (`${reference.repository}/${reference.tag ?? ""}`.split("/").includes("..")) throw new Error("It leads out");
      const again = parseReference(formatReference(reference));
      if (formatReference(again) !== formatReference(reference)) throw new Error("It means two things");
    },
  }),
  target({
    name: "a registry's challenge",
    few: 60,
    inputs: spoiledText([challenge]),
    read: (text) => {
      for (const { scheme } of parseChallenges(text)) if (scheme === "") throw new Error("A scheme without a name");
    },
  }),
  target({
    name: "how long a registry asks to wait",
    few: 40,
    inputs: spoiledText(["120", "Thu, 01 Jan 2026 00:00:30 GMT"]),
    read: (text) => {
      if (!(retryAfter(text) >= 0)) throw new Error("It is no time");
    },
  }),
  target({
    name: "a manifest",
    few: 60,
    inputs: fc.tuple(
      spoiledJson([image, index, { ...index, mediaType: undefined }]),
      fc.constantFrom(...manifestTypes, "text/html", "", "constructor"),
    ),
    read: ([text, type]) => {
      const { blobs, manifests } = loadManifest(Buffer.from(text), type, "here");
      if (!manifestTypes.includes(type)) throw new Error("A type that is not known was read");
      for (const found of [...blobs, ...manifests])
        if (!/^sha256:[0-9a-f]{64}$/.test(found.digest) || !(found.size >= 0)) throw new Error("A blob that is none");
    },
  }),
  fileTarget({
    name: "docker login's file",
    few: 12,
    inputs: spoiledJson([credentials]),
    read: async (text, { folder }) => {
      await writeFile(join(folder, "config.json"), text);
      const found = await findCredentials("r.example", { DOCKER_CONFIG: folder, PATH: folder }).catch((error) => {
        if (error instanceof HadronError && /secret/.test(`${error.message}${error.hint}`))
          throw new Error("A secret in a message");
        throw error;
      });
      if (found && "user" in found && found.user === "") throw new Error("A user without a name");
    },
  }),
];
