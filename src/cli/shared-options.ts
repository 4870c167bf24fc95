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

/** For commands that put an image together. */
export const imageTarget = {
  arch: {
    ...target.arch,
    choices: ["x86_64"],
    hint: "For aarch64 only the toolchain and components can be built so far, with the command build",
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

/** Of what reads Debian's indexes. */
export const unsignedIndex = {
  allowUnsignedIndex: {
    kind: "flag",
    only: ["update"],
    summary: "Trust the mirror where this machine can't check the signature of Debian's archive",
  },
} as const satisfies Record<string, OptionSpec>;

/** Of what speaks to registries. */
export const registry = {
  plainHttp: {
    kind: "text",
    value: "HOST",
    repeat: true,
    env: "HADRON_PLAIN_HTTP",
    summary: "Registry (HOST or HOST:PORT) to speak to without TLS; no other is",
  },
  ca: {
    kind: "path",
    value: "FILE",
    env: "HADRON_REGISTRY_CA",
    summary: "Certificates (PEM) to trust beside those that Node brings",
  },
} as const satisfies Record<string, OptionSpec>;

/** Of what signs, or trusts a key. */
export const testKeys = {
  allowTestKey: { kind: "flag", summary: "Take a key that was made for tests, for what is never published" },
} as const satisfies Record<string, OptionSpec>;

/** Of what writes step outputs to a cache. */
export const cacheSigning = {
  cacheKey: {
    kind: "text",
    value: "KEY",
    env: "HADRON_CACHE_KEY",
    summary: "Sign what goes to a cache: a private key's file, or pkcs11:… (PIN: HADRON_PKCS11_PIN)",
  },
} as const satisfies Record<string, OptionSpec>;

/** Of what builds a kernel with modules. */
export const signing = {
  moduleKey: {
    kind: "path",
    value: "FILE",
    summary: "Sign the kernel's modules with this key, a file of: hadron keys new --modules",
  },
  moduleSignatures: {
    kind: "path",
    value: "FOLDER",
    summary: "Take certificate and signatures for them from here; there is no key then",
  },
  saveSignatures: {
    kind: "path",
    value: "FOLDER",
    summary: "Write certificate and signatures there as well, for who is to make the same image without the key",
  },
} as const satisfies Record<string, OptionSpec>;

/** What is attached: signatures, bills of materials. */
export const attachments = {
  referrers: {
    kind: "text",
    value: "WHEN",
    choices: ["yes", "no"],
    default: "yes",
    summary: "Take along what is attached to it, such as signatures",
  },
} as const satisfies Record<string, OptionSpec>;

export const building = {
  ...target,
  jobs: {
    kind: "count",
    value: "N",
    summary: "Processes at once, over all steps that run side by side; by default twice the CPUs",
  },
  ...origin,
  cacheFrom: {
    kind: "text",
    value: "PLACE",
    repeat: true,
    env: "HADRON_CACHE_FROM",
    summary: "Exported cache to take finished steps from: a folder, or oci://HOST/NAME",
  },
  cacheTrust: {
    kind: "text",
    value: "FILE",
    repeat: true,
    env: "HADRON_CACHE_TRUST",
    summary: "Public key that vouches for what caches have, or none: believe whoever could write there",
  },
  cacheTo: {
    kind: "text",
    value: "PLACE",
    repeat: true,
    env: "HADRON_CACHE_TO",
    summary: "Cache that gets what was built, once it is: a folder, or oci://HOST/NAME",
  },
  ...cacheSigning,
  ...testKeys,
  ...registry,
} as const satisfies Record<string, OptionSpec>;
