/** What is read of the bill of materials that `build-sbom.sh` wrote, and of those that are made from it. */

/** SPDX 3.0.1, JSON-LD. */
export interface SpdxDocument {
  "@context": string;
  "@graph": SpdxElement[];
}

export interface SpdxElement {
  type: string;
  spdxId?: string;
  name?: string;
  verifiedUsing?: { type: string; algorithm: string; hashValue: string }[];
  rootElement?: string[];
  [field: string]: unknown;
}

/** CycloneDX 1.6. */
export interface CycloneDxDocument {
  serialNumber: string;
  metadata: { timestamp: string; component: CycloneDxComponent; [field: string]: unknown };
  components: CycloneDxComponent[];
  dependencies: { ref: string; dependsOn?: string[] }[];
  [field: string]: unknown;
}

export interface CycloneDxComponent {
  type: string;
  name: string;
  "bom-ref"?: string;
  version?: string;
  description?: string;
  purl?: string;
  hashes?: { alg: string; content: string }[];
  licenses?: ({ expression: string; acknowledgement: string } | { license: { name: string } })[];
  externalReferences?: { type: string; url: string }[];
  properties?: { name: string; value: string }[];
  pedigree?: { ancestors: CycloneDxComponent[] };
  components?: CycloneDxComponent[];
  [field: string]: unknown;
}
