import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { removeDeadWork, removeTree } from "../../src/engine/store/store.ts";

/** A place in which inputs may do what they want, with something beside it that nobody may touch. */
export interface Box extends AsyncDisposable {
  /** A folder that is not to be written to. Inputs name it by {@link outside}. */
  outside: string;
  /** Gives a new folder, and throws an `Error` where something was written elsewhere in the box. */
  inFolder<T>(use: (folder: string) => Promise<T>): Promise<T>;
}

/** What stands in an input for the path of a folder that is not its own, since that is another one each time. */
export const outside = "@outside@";

const canary = "canary";

/** Where the boxes of all runs of this user are, by the numbers of their processes. */
async function boxesFolder(): Promise<string> {
  const path = join(tmpdir(), `hadron-fuzz-${userInfo().uid}`);
  await mkdir(path, { recursive: true });
  return path;
}

export async function makeBoxFolder(): Promise<string> {
  return mkdtemp(join(await boxesFolder(), `${process.pid}.`));
}

/** Removes the boxes of runs that were killed, which could not do it themselves. */
export async function removeAbandonedBoxes(): Promise<void> {
  await removeDeadWork(await boxesFolder());
}

/** @param given A folder that is there and empty; without it one is made */
export async function openBox(given?: string): Promise<Box> {
  const root = given ?? (await makeBoxFolder());
  const forbidden = join(root, "outside");
  await mkdir(forbidden);
  await writeFile(join(forbidden, canary), canary);
  const folder = join(root, "folder");
  const assertUntouched = async (): Promise<void> => {
    const [around, beside] = [await readdir(root), await readdir(forbidden)];
    const isUntouched = around.length === 1 && beside.length === 1;
    if (isUntouched && (await readFile(join(forbidden, canary), "utf8")) === canary) return;
    throw new Error(`Something was written outside of its folder: ${[...around, ...beside].join(", ")}`);
  };
  return {
    outside: forbidden,
    inFolder: async (use) => {
      await mkdir(folder);
      const [outcome] = await Promise.allSettled([use(folder)]);
      await removeTree(folder);
      await assertUntouched();
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    },
    [Symbol.asyncDispose]: () => removeTree(root),
  };
}
