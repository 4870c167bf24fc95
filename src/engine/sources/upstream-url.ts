import type { SourceEntry } from "./lock.ts";

/**
 * Where upstream would publish another version of a source, by the URL of the version that is locked: the version is put in
 * wherever it stands, also as `2_8_3`, and in folders named after its series (`v2.42/`). Undefined where the lock names no
 * upstream URL or the version doesn't stand in it.
 */
export function upstreamUrl({ version, candidates }: SourceEntry, wanted: string): string | undefined {
  const locked = candidates.flatMap(({ places }) => places).find((place) => !place.startsWith("debian:"));
  const url = locked
    ?.replaceAll(version, wanted)
    .replaceAll(underscored(version), underscored(wanted))
    .replaceAll(`/v${series(version)}/`, `/v${series(wanted)}/`)
    .replaceAll(`/${series(version)}/`, `/${series(wanted)}/`);
  return url === locked ? undefined : url;
}

function underscored(version: string): string {
  return version.replaceAll(".", "_");
}

function series(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}
