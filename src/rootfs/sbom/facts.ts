import { relative } from "node:path";
import { compareText, projectRoot } from "../../base/mod.ts";
import { libsOf } from "../../graph/mod.ts";
import type { Recipe } from "../../recipe/mod.ts";
import { noComponent } from "../owners.ts";
import { ownersOf, type RootfsPlan } from "../plan.ts";
import type { CandidateFacts, SourceFacts } from "../source-facts.ts";

/** What a part of an image is and comes from. */
export interface SbomPart {
  name: string;
  version: string;
  summary: string;
  /** SPDX licence expression. */
  licence: string;
  /** What says how it is built, below the project's folder. */
  recipe: string;
  /** Names in the source lock. */
  sources: readonly string[];
  /** Parts that its programs are linked with. */
  needs: readonly string[];
}

/** All that a bill of materials says of an image but its files. */
export interface SbomFacts {
  image: { name: string; version: string; summary: string };
  /** Sorted by name. */
  parts: readonly SbomPart[];
  /** Those that the parts are made from, by name, sorted. */
  sources: ReadonlyMap<string, SourceFacts>;
}

/** Of the project's own code and files. */
export const ownLicence = "Apache-2.0";

/**
 * What an image consists of, from the graph and the lock: its components, the libraries that they need, the kernel, and the project itself
 * for the files that no component brings.
 */
export function sbomFacts({ image, recipes, sources }: RootfsPlan): SbomFacts {
  const { name, version, summary } = image;
  const components = ownersOf({ image, recipes });
  const names = new Set(components.map((component) => component.name));
  const own: SbomPart = {
    name: noComponent,
    version,
    summary: "Files of the project itself, and what was made of them and of the components' for the image",
    licence: ownLicence,
    recipe: "os",
    sources: [],
    needs: [],
  };
  const used = components.flatMap((component) => sourcesOf(component));
  const ofImage = [...new Set(used)].sort(compareText).map((source) => [source, factsOf(source, sources)] as const);
  const known = new Map(ofImage);
  const parts = components.map((component): SbomPart => {
    const from = sourcesOf(component);
    const [first] = from;
    return {
      name: component.name,
      version: first === undefined ? version : factsOf(first, known).version,
      summary: component.summary,
      licence: allOf(from.map((source) => factsOf(source, known).licence)),
      recipe: relative(projectRoot, component.position.file),
      sources: from,
      needs: libsOf(component, recipes)
        .map((library) => library.name)
        .filter((library) => names.has(library)),
    };
  });
  return {
    image: { name, version, summary },
    parts: [...parts, own].sort((a, b) => compareText(a.name, b.name)),
    sources: known,
  };
}

/** Where upstream itself gives the bytes; undefined where Debian alone does. */
export function upstreamPlace({ places }: CandidateFacts): string | undefined {
  return places.find((place) => !place.startsWith("debian:"));
}

/** Whose bytes they are, where they can be had, and whose signature vouches for them. */
export function describeOrigin({ origin, places, signature }: CandidateFacts, { keys = {} }: SourceFacts): string {
  const whose = origin === "upstream" ? "Upstream's file" : "Repacked by Debian";
  const fingerprint = signature !== undefined && "keyFingerprint" in signature ? signature.keyFingerprint : undefined;
  const signed = fingerprint === undefined ? "" : `; signed by ${fingerprint} (${keys[fingerprint] ?? "unknown"})`;
  return `${whose} (${origin})${signed}; to be had from: ${places.join(" ")}`;
}

/** Package URL (ECMA-427) of upstream's release. */
export function packageUrl(name: string, version: string): string {
  return `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
}

function sourcesOf({ name, sources = [name] }: Recipe): readonly string[] {
  return sources;
}

function factsOf(source: string, sources: ReadonlyMap<string, SourceFacts>): SourceFacts {
  const facts = sources.get(source);
  if (facts) return facts;
  throw new Error(`Nothing is known of the source "${source}", which the graph takes`);
}

/** A component made of several sources is under the licences of all. */
function allOf(licences: readonly string[]): string {
  const each = [...new Set(licences)];
  if (each.length < 2) return each[0] ?? ownLicence;
  return each.map((licence) => (licence.includes(" OR ") ? `(${licence})` : licence)).join(" AND ");
}
