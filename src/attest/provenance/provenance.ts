import type { StepResult } from "../../engine/mod.ts";
import { type MaterialFacts, materialsOf } from "./materials.ts";
import { type Provenance, provenanceType, type Statement, statementOf } from "./statement.ts";

/** How a graph makes an artifact: docs/provenance.md says what the parameters mean. */
export const buildType = "urn:hadron:build-graph:1";

/** Who built, where nobody says otherwise: a machine that nobody vouches for. */
export const localBuilder = "urn:hadron:builder:local";

export interface ProvenanceFacts extends MaterialFacts {
  subject: { name: string; sha256: string };
  /** What was asked for. */
  parameters: {
    image: string;
    artifact: string;
    architecture: string;
    requireUpstream: boolean;
    /** What an extension is called: it is written in it. */
    name?: string;
    /** A container image, or the files of an extension, that it was made of. */
    from?: string;
    /** Of a kernel's modules: the name of the material that has them. */
    moduleSignatures?: string;
  };
  /** The step that made it. */
  step: string;
  /** What is known of every step that leads to it. */
  results: ReadonlyMap<string, StepResult>;
  /** A URI. */
  builder: string;
  /** Of the programs that built. */
  versions: Record<string, string>;
}

/**
 * How an artifact was made, as an in-toto statement with SLSA's provenance. It holds no time and nothing of the machine, so that who builds
 * the same from the same states the same, but for who they are.
 */
export function provenanceOf(facts: ProvenanceFacts): Statement<Provenance> {
  const { subject, parameters, step, results, builder, versions, project } = facts;
  const key = results.get(step)?.key;
  const isByDocker = [...results.values()].some(({ engine }) => engine === "docker");
  return statementOf(subject, provenanceType, {
    buildDefinition: {
      buildType,
      externalParameters: { ...parameters },
      internalParameters: { step, ...(key === undefined ? {} : { key }) },
      resolvedDependencies: materialsOf(facts),
    },
    runDetails: {
      builder: {
        id: builder,
        version: versions,
        builderDependencies: [
          { name: "package-lock.json", digest: { sha256: project.packageLock } },
          // Which release of it ran them is not known here, so there is no digest.
          ...(isByDocker ? [{ name: "docker", uri: "pkg:github/moby/buildkit" }] : []),
        ],
      },
      byproducts: [...results.values()].map(({ step: name, key: ofStep, output, engine }) => ({
        name,
        digest: { "hadron-tree-1": output },
        annotations: { key: ofStep, ...(engine === undefined ? {} : { engine }) },
      })),
    },
  });
}
