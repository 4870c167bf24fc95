import type { Descriptor } from "../layout.ts";
import { placeOf, registryFailure } from "./failures.ts";
import { type LoadedManifest, loadManifest, manifestBytes, manifestTooLarge, manifestTypes } from "./manifest.ts";
import { formatReference } from "./reference.ts";
import { drain, type Repository } from "./repository.ts";

/**
 * Gets a manifest and checks it: its size, its digest where one is asked for, and what it calls itself.
 * @param wanted A tag, or what another manifest says of it
 * @returns undefined where the registry has none
 * @throws HadronError `MANIFEST_TOO_LARGE`, `MANIFEST_MEDIA_TYPE`, `MANIFEST_INVALID`, `REGISTRY_DIGEST`, and what asking throws
 */
export async function findManifest(
  repository: Repository,
  wanted: string | Descriptor,
): Promise<LoadedManifest | undefined> {
  const name = typeof wanted === "string" ? wanted : wanted.digest;
  const doing = `pull the manifest "${name}" of ${whole(repository)}`;
  const asked = {
    method: "GET",
    to: `manifests/${name}`,
    headers: { accept: manifestTypes.join(", ") },
    expect: [200, 404],
    doing,
  } as const;
  const { answer, bytes } = await repository.read(asked, manifestBytes);
  if (answer.status === 404) return undefined;
  const at = placeOf(answer.url);
  if (bytes === undefined) throw manifestTooLarge(at);
  const mediaType = (answer.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
  const manifest = loadManifest(bytes, mediaType, at);
  const { digest } = manifest.descriptor;
  const said = answer.headers["docker-content-digest"];
  const expected = name.startsWith("sha256:") ? name : typeof said === "string" ? said : digest;
  if (expected.startsWith("sha256:") && expected !== digest)
    throw registryFailure("REGISTRY_DIGEST", doing, `it has the digest ${digest}, expected ${expected}`, { at });
  if (typeof wanted !== "string") checkDescribed(wanted, manifest, doing, at);
  return manifest;
}

/** The same, of what has to be there. @throws HadronError `REGISTRY_NOT_FOUND` as well */
export async function fetchManifest(repository: Repository, wanted: string | Descriptor): Promise<LoadedManifest> {
  const found = await findManifest(repository, wanted);
  if (found) return found;
  const name = typeof wanted === "string" ? wanted : wanted.digest;
  throw registryFailure("REGISTRY_NOT_FOUND", `pull ${whole(repository)}`, `the registry has no "${name}"`);
}

/**
 * Puts a manifest under its digest, and under a tag.
 * @returns whether the registry keeps its subject's list of referrers itself
 */
export async function putManifest(
  repository: Repository,
  { bytes, descriptor }: Pick<LoadedManifest, "bytes" | "descriptor">,
  tag: string = descriptor.digest,
): Promise<{ listsReferrers: boolean }> {
  const doing = `push the manifest "${tag}" to ${whole(repository)}`;
  const answer = await repository.ask({
    method: "PUT",
    to: `manifests/${tag}`,
    headers: { "content-type": descriptor.mediaType },
    body: bytes,
    expect: [201],
    doing,
  });
  drain(answer);
  const said = answer.headers["docker-content-digest"];
  if (typeof said === "string" && said.startsWith("sha256:") && said !== descriptor.digest)
    throw registryFailure("REGISTRY_DIGEST", doing, `the registry took it as ${said}, not as ${descriptor.digest}`);
  return { listsReferrers: answer.headers["oci-subject"] !== undefined };
}

function checkDescribed(wanted: Descriptor, { descriptor }: LoadedManifest, doing: string, at: string): void {
  if (wanted.size !== descriptor.size)
    throw registryFailure("REGISTRY_DIGEST", doing, `it has ${descriptor.size} bytes, expected ${wanted.size}`, { at });
  if (wanted.mediaType !== descriptor.mediaType)
    throw registryFailure(
      "REGISTRY_INVALID",
      doing,
      `it is given as "${descriptor.mediaType}", not as "${wanted.mediaType}"`,
      {
        at,
      },
    );
}

function whole({ reference: { registry, repository } }: Repository): string {
  return formatReference({ registry, repository });
}
