import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sha256 } from "../base/mod.ts";
import { type NamedFiles, readSourceLock, readToolboxLock, toolboxSetDigest, toolboxSets } from "../engine/mod.ts";

/**
 * What the locks of a checkout name, whatever command uses it. An invalid lock is refused: nothing may be removed by what it
 * seems to say.
 */
export async function namedFiles(root: string): Promise<NamedFiles> {
  readSourceLock(join(root, "sources.lock.json"));
  const lock = await readToolboxLock(join(root, "toolbox.lock.json"));
  const sets = Object.keys(toolboxSets).filter((name) => name in lock.sets);
  const toolbox = await Promise.all(sets.map((name) => toolboxSetDigest(name, { lock })));
  const locks = (await readdir(root)).filter((name) => name.endsWith(".lock.json"));
  const texts = await Promise.all(locks.map((name) => readFile(join(root, name), "utf8")));
  const digests = new Set(texts.flatMap((text) => digestsIn(JSON.parse(text))));
  return { toolbox: new Set(toolbox), packages: digests, sources: digests };
}

/** All values of fields named `sha256`, at whatever depth. */
function digestsIn(value: unknown): Sha256[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "sha256" && typeof inner === "string" ? [inner] : digestsIn(inner),
  );
}
