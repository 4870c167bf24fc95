import { HadronError } from "../../base/mod.ts";
import { parseDeb822, type Stanza } from "../../formats/mod.ts";

/** One package of the archive, as the solver and the lock need it. */
export interface IndexedPackage {
  name: string;
  version: string;
  /** Path below the archive's root: `pool/main/…`. */
  file: string;
  sha256: string;
  /** Bytes. */
  size: number;
  /** What must be there too: each entry a list of alternatives of which one is enough. */
  depends: Relation[][];
  provides: Relation[];
}

export interface Relation {
  name: string;
  /** Absent when any version will do. */
  operator?: "<<" | "<=" | "=" | ">=" | ">>";
  version?: string;
}

/**
 * What a field of the index has to look like: the lock takes them as they are, and a file's name becomes part of a path.
 */
const shapes = {
  Package: /^[a-z0-9][a-z0-9+.-]*$/,
  Version: /^\S+$/,
  Filename: /^pool\/(?!(?:.*\/)?\.\.\/)[\w+.~:%/-]+\.deb$/,
  SHA256: /^[0-9a-f]{64}$/,
  Size: /^[1-9]\d{0,14}$/,
} as const;

/**
 * Reads a `Packages` file (Debian repository format, "Packages" indices).
 * @throws HadronError `ARCHIVE_INVALID` where a package lacks what it needs
 */
export function parsePackagesIndex(text: string): IndexedPackage[] {
  return parseDeb822(text).map((stanza) => ({
    name: field(stanza, "Package"),
    version: field(stanza, "Version"),
    file: field(stanza, "Filename"),
    sha256: field(stanza, "SHA256"),
    size: Number(field(stanza, "Size")),
    depends: ["Pre-Depends", "Depends"].flatMap((name) => parseRelations(stanza.get(name) ?? "")),
    provides: parseRelations(stanza.get("Provides") ?? "").flat(),
  }));
}

/**
 * A relationship field (deb-control(5)): groups by comma, alternatives by bar. Architecture qualifiers (`:any`) are left
 * out, since all packages here are of one architecture.
 */
export function parseRelations(text: string): Relation[][] {
  return text
    .split(",")
    .filter((group) => group.trim() !== "")
    .map((group) => group.split("|").map(parseRelation));
}

function parseRelation(text: string): Relation {
  const match =
    /^\s*([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?\s*(?:\(\s*(<<|<=|=|>=|>>)\s*([^\s)]+)\s*\))?\s*(?:\[.*)?$/s.exec(text);
  if (match?.[1] === undefined) throw invalid(`a package has the relation "${text.slice(0, 200)}"`);
  const relation: Relation = { name: match[1] };
  if (match[2] !== undefined && match[3] !== undefined) {
    relation.operator = match[2] as NonNullable<Relation["operator"]>;
    relation.version = match[3];
  }
  return relation;
}

function field(stanza: Stanza, name: keyof typeof shapes): string {
  const value = stanza.get(name);
  if (value !== undefined && shapes[name].test(value)) return value;
  const said = value === undefined ? "none" : `"${value.slice(0, 200)}"`;
  throw invalid(`the package "${stanza.get("Package") ?? "?"}" has ${said} as its ${name}`);
}

function invalid(why: string): HadronError {
  return new HadronError(`The archive's index of packages can't be read: ${why}`, {
    kind: "source",
    code: "ARCHIVE_INVALID",
    hint: "Name another mirror with --mirror or HADRON_DEBIAN_MIRROR",
  });
}
