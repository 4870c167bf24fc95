import { cpSync } from "node:fs";
import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sha256 } from "../../base/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";
import { openStore, type StepResult, type Store, type UsedSource } from "./store.ts";

/** For tests: a store in a temporary folder, and a short way to put outputs into it. */
export interface TestStore extends AsyncDisposable {
  store: Store;
  root: string;
  /** Commits an output of these files for a step of this name, whose key is {@link keyOf} the name. */
  put(step: string, files: Record<string, string>): Promise<StepResult>;
}

/** @param like Another, of which this one begins as a copy: that takes less than putting the same outputs again */
export async function openTestStore(like?: Pick<TestStore, "root">): Promise<TestStore> {
  const folder = await mkdtempDisposable(join(tmpdir(), "hadron-store-"));
  if (like) cpSync(like.root, folder.path, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  const store = await openStore(folder.path);
  return {
    store,
    root: folder.path,
    put: async (step, files) => {
      const tree = join(await store.makeWorkFolder(step), "out");
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(tree, path)), { recursive: true });
        await writeFile(join(tree, path), text);
      }
      return store.commit({ key: keyOf(step), step, seconds: 1, sources: [sourceOf(step)] }, tree, sourceDateEpoch);
    },
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

/** A source of the step's name. */
const sourceOf = (name: string): UsedSource => ({ name, sha256: sha256(`source of ${name}`), origin: "debian-repack" });

export const keyOf = (step: string): string => sha256(`key of ${step}`);
