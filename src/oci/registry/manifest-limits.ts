import { HadronError } from "../../base/mod.ts";
import type { Descriptor } from "../layout.ts";
import type { LoadedManifest } from "./manifest.ts";

/** Far more than an index of all architectures has, with what is attached to each. */
const mostManifests = 1000;
const mostBytes = 64 << 20;

/** Counts the manifests that belong together. They are all kept in memory, and whoever wrote one of them can name any number. */
export interface ManifestLimits {
  /** Told of what is named, before any of it is asked for. @throws HadronError `MANIFESTS_TOO_MANY` */
  name(described: readonly Descriptor[]): void;
  /** Told of each that is kept. @throws HadronError `MANIFESTS_TOO_MANY` */
  keep(manifest: LoadedManifest): void;
}

/** @param at What they belong to, for messages */
export function limitManifests(at: string): ManifestLimits {
  const named = new Set<string>();
  let bytes = 0;
  return {
    name: (described) => {
      for (const { digest } of described) named.add(digest);
      if (named.size > mostManifests) throw tooMany(at);
    },
    keep: (manifest) => {
      bytes += manifest.bytes.length;
      if (bytes > mostBytes) throw tooMany(at);
    },
  };
}

function tooMany(at: string): HadronError {
  return new HadronError(`More than ${mostManifests} manifests or ${mostBytes} bytes of them belong together`, {
    kind: "input",
    code: "MANIFESTS_TOO_MANY",
    at,
    hint: "No image needs so many. Where it is what is attached to it, hadron pull and push leave that with --referrers no",
  });
}
