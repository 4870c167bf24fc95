import { type Descriptor, mediaTypes } from "../layout.ts";
import { placeOf } from "./failures.ts";
import { asReferrer, type LoadedManifest, loadManifest, manifestBytes, manifestTooLarge } from "./manifest.ts";
import { limitManifests } from "./manifest-limits.ts";
import { findManifest, putManifest } from "./manifests.ts";
import type { Repository } from "./repository.ts";

const mostPages = 100;

/**
 * What is attached to a manifest: signatures, bills of materials. Registries without the referrers API keep it in an index
 * under a tag (OCI distribution specification 1.1, "Referrers Tag Schema").
 * @throws HadronError `MANIFESTS_TOO_MANY`, `MANIFEST_…`, and what asking throws
 */
export async function listReferrers(repository: Repository, digest: string): Promise<Descriptor[]> {
  const found: Descriptor[] = [];
  const limits = limitManifests(digest);
  let to: string | URL | undefined = `referrers/${digest}`;
  for (let page = 0; to !== undefined && page < mostPages; page++) {
    const asked = {
      method: "GET",
      to,
      headers: { accept: mediaTypes.index },
      // Who doesn't know the API says 404, by the specification; some say that they don't understand.
      expect: [200, 400, 404, 405],
      doing: `list what is attached to ${digest}`,
    } as const;
    const { answer, bytes } = await repository.read(asked, manifestBytes);
    const type = (answer.headers["content-type"] ?? "").split(";")[0];
    if (answer.status !== 200 || type !== mediaTypes.index)
      return (await findManifest(repository, fallbackTag(digest)))?.manifests ?? [];
    const at = placeOf(answer.url);
    if (bytes === undefined) throw manifestTooLarge(at);
    const listed = loadManifest(bytes, mediaTypes.index, at);
    limits.keep(listed);
    limits.name(listed.manifests);
    found.push(...listed.manifests);
    to = nextPage(answer.headers.link, answer.url);
  }
  return found;
}

/** Puts a manifest that has a subject, so that it is found from there. */
export async function putReferrer(repository: Repository, manifest: LoadedManifest): Promise<void> {
  const { listsReferrers } = await putManifest(repository, manifest);
  if (listsReferrers || manifest.subject === undefined) return;
  const tag = fallbackTag(manifest.subject.digest);
  const before = await findManifest(repository, tag);
  const own = asReferrer(manifest);
  // Read again from its bytes: others may have written fields that are not known here.
  const listed = before === undefined ? {} : (JSON.parse(before.bytes.toString()) as { manifests?: Descriptor[] });
  const others = listed.manifests ?? [];
  if (others.some(({ digest }) => digest === own.digest)) return;
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [...others, own] };
  const bytes = Buffer.from(JSON.stringify(index));
  await putManifest(repository, loadManifest(bytes, mediaTypes.index, tag), tag);
}

export function fallbackTag(digest: string): string {
  return digest.replace(":", "-");
}

/** `Link: </v2/…>; rel="next"` (RFC 8288). */
function nextPage(link: string | string[] | undefined, url: URL): URL | undefined {
  const target = /<([^<>]*)>\s*;[^,<]*\brel="?next"?/.exec([link ?? []].flat().join(", "))?.[1];
  return (target === undefined ? undefined : URL.parse(target, url.href)) ?? undefined;
}
