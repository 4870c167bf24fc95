import type { OptionSpec } from "./table-types.ts";

/** Options that several commands have; each is described once. */

export const everywhere = {
  json: { kind: "flag", summary: "Print the result, or the error, as JSON on stdout" },
  events: {
    kind: "text",
    value: "FORMAT",
    choices: ["auto", "terminal", "plain", "json"],
    default: "auto",
    summary: "How progress is shown on stderr",
  },
} as const satisfies Record<string, OptionSpec>;

export const target = {
  arch: {
    kind: "text",
    value: "ARCH",
    choices: ["x86_64", "aarch64"],
    default: "x86_64",
    summary: "Architecture of the OS",
  },
} as const satisfies Record<string, OptionSpec>;

export const origin = {
  offline: { kind: "flag", summary: "Use the network for nothing" },
  requireUpstream: { kind: "flag", summary: "Refuse sources that Debian has repacked" },
  mirror: {
    kind: "text",
    value: "PLACES",
    env: "HADRON_DEBIAN_MIRROR",
    summary: "Debian mirrors (URLs or directories, comma-separated) before those of this machine's apt",
  },
  from: {
    kind: "text",
    value: "PLACES",
    env: "HADRON_SOURCES",
    summary: "Directories or URLs with source files (comma-separated), tried before upstream",
  },
} as const satisfies Record<string, OptionSpec>;

export const building = {
  ...target,
  jobs: { kind: "count", value: "N", summary: "Steps that run at the same time; by default what suits the CPUs" },
  ...origin,
  cacheFrom: {
    kind: "text",
    value: "DIR",
    repeat: true,
    env: "HADRON_CACHE_FROM",
    summary: "Exported cache to take finished steps from",
  },
} as const satisfies Record<string, OptionSpec>;
