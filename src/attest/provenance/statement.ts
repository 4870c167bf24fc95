/** in-toto attestation framework 1.0: a statement that a predicate holds of its subjects. */
export interface Statement<Predicate = unknown> {
  _type: "https://in-toto.io/Statement/v1";
  subject: ResourceDescriptor[];
  predicateType: string;
  predicate: Predicate;
}

export interface ResourceDescriptor {
  name?: string;
  uri?: string;
  /** Algorithm → lower-case hexadecimal digest. */
  digest?: Record<string, string>;
  downloadLocation?: string;
  annotations?: Record<string, unknown>;
}

/** SLSA 1.0, build provenance. */
export interface Provenance {
  buildDefinition: {
    buildType: string;
    externalParameters: Record<string, unknown>;
    internalParameters?: Record<string, unknown>;
    resolvedDependencies: ResourceDescriptor[];
  };
  runDetails: {
    builder: { id: string; version?: Record<string, string>; builderDependencies?: ResourceDescriptor[] };
    metadata?: { invocationId?: string };
    byproducts?: ResourceDescriptor[];
  };
}

export const statementType = "https://in-toto.io/Statement/v1";
export const provenanceType = "https://slsa.dev/provenance/v1";

export function statementOf<Predicate>(
  subject: { name: string; sha256: string },
  predicateType: string,
  predicate: Predicate,
): Statement<Predicate> {
  const { name, sha256 } = subject;
  return { _type: statementType, subject: [{ name, digest: { sha256 } }], predicateType, predicate };
}
