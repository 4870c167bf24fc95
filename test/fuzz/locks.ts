import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../src/base/mod.ts";
import { factsOf } from "../../src/engine/cache/entry.ts";
import { readSourceLock } from "../../src/engine/mod.ts";
import { readResult } from "../../src/engine/store/store.ts";
import { readToolboxLock } from "../../src/engine/toolbox/lock.ts";
import { parseDigests, renderDigests } from "../../src/image/mod.ts";
import type { Descriptor } from "../../src/oci/mod.ts";
import { spoiledJson, spoiledText } from "./spoil.ts";
import { fileTarget, type Target, target } from "./target.ts";

type Json = Record<string, Record<string, unknown>>;
const read = (name: string) => JSON.parse(readFileSync(join(projectRoot, name), "utf8")) as Json;

/** Locks as they are, with two of their entries: more would only be slower. */
const sourceLock = (() => {
  const { version, sources = {} } = read("sources.lock.json");
  return { version, sources: Object.fromEntries(Object.entries(sources).slice(0, 2)) };
})();
const toolboxLock = (() => {
  const { suite, date, sets } = read("toolbox.lock.json");
  const { packages = [] } = (sets?.sandbox ?? {}) as { packages?: unknown[] };
  return { suite, date, sets: { sandbox: { packages: packages.slice(0, 2) } } };
})();

const key = "0123456789abcdef".repeat(4);
const used = { name: "zlib", sha256: key, origin: "upstream" };
const result = { key, step: "zlib", output: key, size: 10, seconds: 1.5, sources: [used], engine: "docker" };

const descriptor = {
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  digest: `sha256:${key}`,
  size: 10,
  annotations: {
    "io.hadron.step.key": key,
    "io.hadron.step.name": "zlib",
    "io.hadron.step.output": key,
    "io.hadron.step.size": "10",
    "io.hadron.step.seconds": "1.5",
    "io.hadron.step.sources": JSON.stringify([used]),
    "io.hadron.step.engine": "docker",
  },
};

const digests = renderDigests({
  arch: "x86_64",
  images: new Map([["cloud", "0.1.0"]]),
  artifacts: new Map([["cloud.disk", key]]),
  steps: new Map([["cloud:disk", key]]),
});

/** Files that pin or remember. */
export const locks: readonly Target[] = [
  target({
    name: "a release's list of digests",
    few: 40,
    inputs: spoiledText([digests]),
    read: (text) => {
      const list = parseDigests(text, "here");
      if (renderDigests(parseDigests(renderDigests(list), "here")) !== renderDigests(list))
        throw new Error("It is read as another one");
    },
  }),
  fileTarget({
    name: "sources.lock.json",
    few: 12,
    inputs: spoiledJson([sourceLock]),
    read: async (text, { folder }) => {
      await writeFile(join(folder, "lock"), text);
      readSourceLock(join(folder, "lock"));
    },
  }),
  fileTarget({
    name: "toolbox.lock.json",
    few: 12,
    inputs: spoiledJson([toolboxLock]),
    read: async (text, { folder }) => {
      await writeFile(join(folder, "lock"), text);
      const { sets } = await readToolboxLock(join(folder, "lock"));
      for (const { packages } of Object.values(sets))
        for (const { file } of packages) if (/(^|\/)\.\.(\/|$)/.test(file)) throw new Error("A place that leads out");
    },
  }),
  fileTarget({
    name: "a result in the store",
    few: 12,
    inputs: spoiledJson([result]),
    read: async (text, { folder }) => {
      await writeFile(join(folder, "result"), text);
      const found = await readResult(join(folder, "result"));
      if (found && !(Number.isFinite(found.size) && Number.isFinite(found.seconds)))
        throw new Error("A size of nothing");
    },
  }),
  target({
    name: "a cache entry's annotations",
    few: 40,
    inputs: spoiledJson([descriptor]),
    read: (text) => {
      const value = parsed(text);
      const facts = value === undefined ? undefined : factsOf(value as Descriptor);
      if (facts && !/^[0-9a-f]{64}$/.test(facts.output)) throw new Error("An output that is no digest");
    },
  }),
];

/** As it comes from a manifest that was read before: an object whose annotations are text. */
function parsed(text: string): unknown {
  try {
    const value = JSON.parse(text) as Partial<Descriptor> | null;
    const isText = Object.values(value?.annotations ?? {}).every((one) => typeof one === "string");
    return typeof value?.mediaType === "string" && isText ? value : undefined;
  } catch {
    return undefined;
  }
}
