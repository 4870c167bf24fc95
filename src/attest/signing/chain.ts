import { z } from "zod";
import { compareText } from "../../base/mod.ts";
import type { PublicKey } from "../keys/public-key.ts";
import { provenanceType } from "../provenance/statement.ts";
import type { Stated } from "./dsse.ts";
import type { Verified } from "./verify-image.ts";

/** What is known of an artifact by signatures that count, from the one who signed it back to the sources. */
export interface Chain {
  signedBy: Signer[];
  /** Undefined where no signed provenance says it. */
  builtFrom?: {
    image: string;
    artifact: string;
    architecture: string;
    commit?: string;
    /** Digest of the project's controlling files. */
    files?: string;
    sources: number;
    packages: number;
    steps: number;
    builder: string;
    statedBy: Signer;
  };
  sourcesVerifiedBy?: {
    /** Source → the key of upstream's that signed its bytes, and whose it is. */
    signed: { source: string; keyFingerprint: string; name: string }[];
    /** As many are upstream's own file, and as many Debian's repack. */
    upstream: number;
    repacked: number;
  };
  /** Other builders who state that they made the very same artifact, each by a key of their own. */
  reproducedBy: { builder: string; statedBy: Signer }[];
  /** Types of all signed statements, sorted. */
  attested: string[];
}

export interface Signer {
  fingerprint: string;
  key: string;
  validUntil?: string;
  isTest?: true;
}

const digest = z.record(z.string(), z.string()).optional();
const material = z.object({
  name: z.string().optional(),
  digest,
  annotations: z
    .object({
      origin: z.string().optional(),
      signedBy: z.object({ keyFingerprint: z.string(), name: z.string().optional() }).optional(),
    })
    .optional(),
});
const provenance = z.object({
  buildDefinition: z.object({
    externalParameters: z.object({
      image: z.string().optional(),
      artifact: z.string().optional(),
      architecture: z.string().optional(),
    }),
    resolvedDependencies: z.array(material).optional(),
  }),
  runDetails: z.object({ builder: z.object({ id: z.string() }), byproducts: z.array(z.unknown()).optional() }),
});

/** @param keys Those that are trusted, the most trusted first: what it was built from is told as the first of them states it */
export function chainOf({ signatures, attestations }: Verified, keys: readonly PublicKey[]): Chain {
  const rank = ({ fingerprint }: PublicKey) => keys.findIndex((key) => key.fingerprint === fingerprint);
  const byKey = <Item extends { key: PublicKey }>(items: readonly Item[]) =>
    [...items].sort((a, b) => rank(a.key) - rank(b.key));
  const built = byKey(attestations).flatMap((stated) => {
    const { data } = provenance.safeParse(stated.statement.predicate);
    return stated.statement.predicateType === provenanceType && data ? [{ stated, data }] : [];
  });
  const [first, ...others] = built;
  const builders = new Set([first?.data.runDetails.builder.id]);
  const stating = new Set([first?.stated.key.fingerprint]);
  const reproducedBy: Chain["reproducedBy"] = [];
  for (const { stated, data } of others) {
    const { id: builder } = data.runDetails.builder;
    // One key under two names is one who says it; one name under two keys, a statement that was signed twice.
    if (builders.has(builder) || stating.has(stated.key.fingerprint)) continue;
    builders.add(builder);
    stating.add(stated.key.fingerprint);
    reproducedBy.push({ builder, statedBy: signerOf(stated.key) });
  }
  const signedBy = new Map(byKey(signatures).map(({ key }) => [key.fingerprint, signerOf(key)]));
  return {
    signedBy: [...signedBy.values()],
    ...(first === undefined ? {} : described(first.stated, first.data)),
    reproducedBy,
    attested: [...new Set(attestations.map(({ statement }) => statement.predicateType))].sort(compareText),
  };
}

function described(
  { key }: Stated,
  { buildDefinition, runDetails }: z.infer<typeof provenance>,
): Pick<Chain, "builtFrom" | "sourcesVerifiedBy"> {
  const { resolvedDependencies: materials = [], externalParameters } = buildDefinition;
  const { image = "", artifact = "", architecture = "" } = externalParameters;
  const sources = materials.filter(({ annotations }) => annotations?.origin !== undefined);
  const commit = materials.find(({ digest }) => digest?.gitCommit !== undefined)?.digest?.gitCommit;
  const files = materials.find(({ name }) => name === "hadron/files")?.digest?.["hadron-files-1"];
  const ofOrigin = (wanted: string) => sources.filter(({ annotations }) => annotations?.origin === wanted).length;
  return {
    builtFrom: {
      ...{ image, artifact, architecture },
      ...(commit === undefined ? {} : { commit }),
      ...(files === undefined ? {} : { files }),
      sources: sources.length,
      packages: materials.filter(({ name = "" }) => /^toolbox\/[^/]+\//.test(name)).length,
      steps: runDetails.byproducts?.length ?? 0,
      builder: runDetails.builder.id,
      statedBy: signerOf(key),
    },
    sourcesVerifiedBy: {
      signed: sources.flatMap(({ name = "", annotations }) => {
        const signer = annotations?.signedBy;
        return signer ? [{ source: name, keyFingerprint: signer.keyFingerprint, name: signer.name ?? "" }] : [];
      }),
      upstream: ofOrigin("upstream"),
      repacked: ofOrigin("debian-repack"),
    },
  };
}

function signerOf({ fingerprint, name, validUntil, isTest }: PublicKey): Signer {
  return {
    ...{ fingerprint, key: name },
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(isTest ? { isTest } : {}),
  };
}
