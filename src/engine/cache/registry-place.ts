import { type Emit, HadronError, messageOf, type Sha256 } from "../../base/mod.ts";
import {
  downloadBlob,
  findManifest,
  formatReference,
  openLayout,
  openRepository,
  type Reference,
  type RegistryOptions,
  type Repository,
} from "../../oci/mod.ts";
import { factsOf, layersOf, signatureOf } from "./entry.ts";
import { type CachePlace, type Entry, entryDisagrees, type Found, isOfEntry } from "./place.ts";

/**
 * A repository that {@link exportToRegistry} wrote: each step's entry under its key as the tag, so that many can add to it at
 * once. A registry that fails is reported and not asked again: what it holds is built instead.
 */
export function openRegistryPlace(reference: Reference, options: RegistryOptions): CachePlace {
  const repository = openRepository(reference, "pull", options);
  const place = formatReference(reference);
  const { emit } = repository;
  const asked = new Map<Sha256, Promise<Found[]>>();
  let isDead = false;
  /** What the registry gives; undefined from its first failure on, but for those of an entry. */
  const whileAlive = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    if (isDead) return undefined;
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof HadronError) || isOfEntry(error)) throw error;
      // Several may have been under way.
      if (!isDead) warnOfPlace(emit, place, error);
      isDead = true;
      return undefined;
    }
  };
  const found = ({ layers, ...named }: Entry): Found => ({
    ...{ ...named, place },
    layers: async () => layers,
    bring: (wanted, folder) =>
      whileAlive(async () => {
        const layout = openLayout(folder);
        for (const layer of wanted) await downloadBlob(repository, layout, layer);
        return layout;
      }),
  });
  const find = async (key: Sha256): Promise<Found[]> => {
    try {
      const entry = await whileAlive(() => findEntry(repository, key));
      return entry === undefined ? [] : [found(entry)];
    } catch (error) {
      if (!isOfEntry(error)) throw error;
      warnOfEntry(emit, place, { error, key });
      return [];
    }
  };
  return {
    find: (key) => {
      const known = asked.get(key) ?? find(key);
      asked.set(key, known);
      return known;
    },
  };
}

/**
 * The entry under a key; undefined where there is none.
 * @throws HadronError for what {@link isOfEntry}, and what asking throws
 */
export async function findEntry(repository: Repository, key: Sha256): Promise<Entry | undefined> {
  const manifest = await findManifest(repository, key);
  if (manifest === undefined) return undefined;
  const { descriptor, annotations, blobs } = manifest;
  const facts = factsOf({ ...descriptor, annotations });
  const layers = layersOf(blobs);
  if (facts?.key !== key || layers.length === 0)
    throw entryDisagrees(formatReference({ ...repository.reference, tag: key }));
  return { digest: descriptor.digest, facts, signature: signatureOf(manifest), layers };
}

function warnOfPlace(emit: Emit, place: string, error: HadronError): void {
  const message = `The cache in ${place} is not asked any more: ${messageOf(error)}; what it holds is built instead`;
  emit({ type: "warning", code: "CACHE_UNREACHABLE", message });
}

function warnOfEntry(emit: Emit, place: string, { error, key }: { error: HadronError; key: Sha256 }): void {
  const message = `The cache entry ${key.slice(0, 12)}… in ${place} is refused: ${messageOf(error)}; it is built instead`;
  emit({ type: "warning", code: "CACHE_ENTRY_REFUSED", message });
}
