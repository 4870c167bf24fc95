import { provenanceType } from "../attest/mod.ts";

/** What is attached to an artifact: beside a file under its name and a suffix, in a layout or registry as a referrer. */
export interface AttachedKind {
  summary: string;
  suffix: string;
  /** Of the referrer, and of the document in it. */
  artifactType: string;
  /** What an in-toto statement calls it (and cosign for short). */
  predicateType: string;
}

export const attachedKinds = {
  spdx: {
    summary: "bill of materials, SPDX 3.0.1",
    suffix: ".spdx.json",
    artifactType: "application/spdx+json",
    predicateType: "https://spdx.dev/Document",
  },
  cyclonedx: {
    summary: "bill of materials, CycloneDX 1.6",
    suffix: ".cdx.json",
    artifactType: "application/vnd.cyclonedx+json",
    predicateType: "https://cyclonedx.org/bom",
  },
  provenance: {
    summary: "provenance, SLSA 1.0",
    suffix: ".provenance.json",
    artifactType: "application/vnd.in-toto+json",
    predicateType: provenanceType,
  },
} as const satisfies Record<SbomFormat | "provenance", AttachedKind>;

export type SbomFormat = "spdx" | "cyclonedx";
