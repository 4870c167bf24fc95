/** What is read of the bills of materials that `build-sbom.sh` wrote, and of those that are made from them. */

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
  metadata: { component: CycloneDxComponent; [field: string]: unknown };
  components: CycloneDxComponent[];
  dependencies: { ref: string; dependsOn?: string[] }[];
  [field: string]: unknown;
}

export interface CycloneDxComponent {
  type: string;
  name: string;
  "bom-ref"?: string;
  hashes?: { alg: string; content: string }[];
  components?: CycloneDxComponent[];
  [field: string]: unknown;
}
