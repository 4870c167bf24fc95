import { compareText, HadronError } from "../../base/mod.ts";
import { compareDebianVersions } from "../../formats/mod.ts";
import type { IndexedPackage, Relation } from "./packages-index.ts";

/**
 * The wanted packages and all that they depend on, sorted by name. Of alternatives the first that is already in wins, else the
 * first that exists; a real package wins over those that provide its name, of which the first by name is taken.
 * @throws HadronError of kind `input`, code `PACKAGE_UNSOLVABLE`, naming the chain that led there.
 */
export function solveClosure(index: readonly IndexedPackage[], wanted: readonly string[]): IndexedPackage[] {
  const archive = new Archive(index);
  const chosen = new Map<string, IndexedPackage>();
  const queue: { relation: Relation[]; chain: string[] }[] = [];
  const add = (package_: IndexedPackage, chain: string[]) => {
    if (chosen.has(package_.name)) return;
    chosen.set(package_.name, package_);
    for (const relation of package_.depends) queue.push({ relation, chain: [...chain, package_.name] });
  };

  for (const name of [...new Set(wanted)].sort(compareText)) {
    const found = archive.named(name);
    if (found === undefined) throw unsolvable(name, []);
    add(found, []);
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const candidates = next.relation.map((relation) => archive.satisfying(relation));
    if (candidates.some((packages) => packages.some(({ name }) => chosen.has(name)))) continue;
    const pick = candidates.flat()[0];
    if (pick === undefined) throw unsolvable(next.relation.map(relationText).join(" | "), next.chain);
    add(pick, next.chain);
  }
  return [...chosen.values()].sort((a, b) => compareText(a.name, b.name));
}

class Archive {
  #byName = new Map<string, IndexedPackage>();
  #providers = new Map<string, { provider: IndexedPackage; as: Relation }[]>();

  constructor(index: readonly IndexedPackage[]) {
    for (const package_ of index) {
      const known = this.#byName.get(package_.name);
      if (known === undefined || compareDebianVersions(known.version, package_.version) < 0) {
        this.#byName.set(package_.name, package_);
      }
    }
    for (const provider of [...this.#byName.values()].sort((a, b) => compareText(a.name, b.name))) {
      for (const as of provider.provides) {
        const list = this.#providers.get(as.name) ?? [];
        this.#providers.set(as.name, [...list, { provider, as }]);
      }
    }
  }

  named(name: string): IndexedPackage | undefined {
    return this.#byName.get(name);
  }

  /** Best first. A versioned relation is met by a provider only if it says which version it provides (deb-control(5)). */
  satisfying(relation: Relation): IndexedPackage[] {
    const real = this.#byName.get(relation.name);
    const providers = this.#providers.get(relation.name) ?? [];
    return [
      ...(real !== undefined && isMet(relation, real.version) ? [real] : []),
      ...providers.filter(({ as }) => isMet(relation, as.version)).map(({ provider }) => provider),
    ];
  }
}

function isMet(relation: Relation, version: string | undefined): boolean {
  if (relation.operator === undefined || relation.version === undefined) return true;
  if (version === undefined) return false;
  const order = compareDebianVersions(version, relation.version);
  const met = { "<<": order < 0, "<=": order <= 0, "=": order === 0, ">=": order >= 0, ">>": order > 0 };
  return met[relation.operator];
}

function relationText({ name, operator, version }: Relation): string {
  return operator === undefined ? name : `${name} (${operator} ${version})`;
}

function unsolvable(what: string, chain: readonly string[]): HadronError {
  const by = chain.length === 0 ? "" : `, needed by ${chain.toReversed().join(", needed by ")}`;
  return new HadronError(`No package of the archive is "${what}"${by}`, {
    kind: "input",
    code: "PACKAGE_UNSOLVABLE",
    at: "src/engine/toolbox/sets.ts",
    hint: "Name another package in the set, or another mirror: this one may lag behind, or lack a part of the archive",
  });
}
