import type { Chain, Signer } from "../attest/mod.ts";
import { renderFacts } from "../report/mod.ts";

/** The chain from the one who signed an artifact back to the sources, for a person. */
export function renderChain(chain: Chain & { artifact: string; sha256: string; worthless: readonly string[] }): string {
  const { artifact, sha256, signedBy, builtFrom, sourcesVerifiedBy, reproducedBy, attested, worthless } = chain;
  return renderFacts({
    artifact,
    "sha-256": sha256,
    "signed by": signedBy.map(describeSigner),
    "built from": builtFrom === undefined ? ["not known: no provenance is signed by these keys"] : built(builtFrom),
    "sources verified by": sourcesVerifiedBy === undefined ? ["not known"] : sources(sourcesVerifiedBy),
    "reproduced by":
      reproducedBy.length === 0
        ? ["nobody, as far as these keys say"]
        : reproducedBy.map(({ builder, statedBy }) => `${builder}, stated by ${describeSigner(statedBy)}`),
    attested,
    "does not count": worthless.length === 0 ? undefined : [...worthless],
  });
}

function describeSigner({ fingerprint, key, validUntil, isTest }: Signer): string {
  const until = validUntil === undefined ? "" : `, valid until ${validUntil}`;
  return `${fingerprint} (${key}${until})${isTest ? ", a key for TESTS" : ""}`;
}

function built(from: NonNullable<Chain["builtFrom"]>): string[] {
  const { image, artifact, architecture, commit, files, sources, packages, steps, builder, statedBy } = from;
  const which = commit === undefined ? `files ${files ?? "not known"}, of no commit` : `commit ${commit}`;
  return [
    `the image ${image} as ${artifact} for ${architecture}, from ${which}`,
    `${sources} sources and ${packages} packages of the toolbox, in ${steps} steps`,
    `by ${builder}, stated by ${describeSigner(statedBy)}`,
  ];
}

function sources({ signed, upstream, repacked }: NonNullable<Chain["sourcesVerifiedBy"]>): string[] {
  return [
    `all by digest; ${upstream} are upstream's file, ${repacked} are repacked by Debian`,
    ...signed.map(({ source, keyFingerprint, name }) => `${source}: signed by ${keyFingerprint} (${name})`),
  ];
}
