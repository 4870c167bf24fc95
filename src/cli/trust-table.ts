import { everywhere, origin, registry, testKeys } from "./shared-options.ts";
import type { ArgumentSpec, CommandSpec } from "./table-types.ts";

const artifact = {
  summary: "A file, HOST/NAME:TAG, a layout's folder, or FOLDER:TAG",
} as const satisfies ArgumentSpec;

/** The part of the table of commands that says what is in an artifact, and who made it. */
export const trustTable = {
  keys: {
    summary: "Make a key that signs artifacts or kernel modules, or show what is known of one",
    arguments: {
      action: { choices: ["new", "show"], summary: "What to do" },
      file: {
        optional: true,
        summary: "new: FILE.key, beside which FILE.pub is written, unless --modules names one; show: a public key",
      },
    },
    options: {
      test: {
        kind: "flag",
        only: ["new"],
        summary: "For tests: its fingerprint begins with 000, and releases refuse it",
      },
      validUntil: { kind: "text", value: "DAY", only: ["new"], summary: "The last day of its use: 2030-01-31" },
      modules: {
        kind: "path",
        value: "FILE",
        only: ["new"],
        summary:
          "Make a key that signs a kernel's modules, and its certificate: both go into this file (PEM), which must be new. Keep it outside of the checkout",
      },
      subject: {
        kind: "text",
        value: "NAME",
        only: ["new"],
        summary: "With --modules: whose it is, which the kernel shows; Hadron kernel modules if not given",
      },
      ...everywhere,
    },
    examples: [
      "hadron keys new ~/hadron-keys/release.key --valid-until 2030-01-31",
      "hadron keys show ~/hadron-keys/release.pub",
      "hadron keys new --modules ~/hadron-keys/modules.pem",
      "hadron keys new --modules ~/hadron-keys/modules.pem --subject Example",
    ],
  },
  sign: {
    summary: "Sign an artifact, and what is attached to it",
    arguments: { artifact },
    options: {
      key: {
        kind: "text",
        value: "KEY",
        required: true,
        env: "HADRON_SIGN_KEY",
        summary: "Private key: a file, or pkcs11:token=…;object=…?module-path=… (PIN: HADRON_PKCS11_PIN)",
      },
      form: {
        kind: "text",
        value: "FORM",
        choices: ["all", "tag", "bundle"],
        default: "all",
        summary:
          "Of an image in a registry: as tags (cosign 2), as attached Sigstore bundles (cosign 3), or both; all else has bundles",
      },
      ...testKeys,
      mirror: origin.mirror,
      offline: origin.offline,
      ...registry,
      ...everywhere,
    },
    examples: [
      "hadron sign registry.example/hadron/cloud:0.1.0 --key release.key",
      'hadron sign out/cloud.raw --key "pkcs11:token=release;object=hadron?module-path=/usr/lib/module.so"',
    ],
  },
  verify: {
    summary: "Check an artifact's signatures, and say who signed it, what it was built from, and who vouches for that",
    arguments: { artifact },
    options: {
      key: {
        kind: "text",
        value: "FILE",
        repeat: true,
        env: "HADRON_VERIFY_KEYS",
        summary: "Public key that is trusted",
      },
      ...testKeys,
      ...registry,
      ...everywhere,
    },
    examples: [
      "hadron verify out/cloud.raw --key release.pub",
      "hadron verify registry.example/hadron/cloud:0.1.0 --key release.pub --json",
    ],
  },
  sbom: {
    summary: "Print the bill of materials of an artifact, after checking that it is that artifact's",
    arguments: { artifact },
    options: {
      format: {
        kind: "text",
        value: "FORMAT",
        choices: ["spdx", "cyclonedx"],
        default: "spdx",
        summary: "SPDX 3.0.1 or CycloneDX 1.6, both as JSON",
      },
      output: { kind: "path", value: "FILE", summary: "Write it to a file" },
      ...registry,
      ...everywhere,
    },
    examples: ["hadron sbom out/cloud.raw", "hadron sbom registry.example/hadron/cloud:0.1.0 --format cyclonedx"],
  },
} as const satisfies Record<string, CommandSpec>;
