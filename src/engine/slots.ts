import { availableParallelism } from "node:os";

export interface Slot extends AsyncDisposable {
  /** Processes that this step should run at once, given how many others run now. */
  jobs(): number;
}

/** Lets so many steps run at once; of those that wait, the one with the highest rank goes first. */
export function createSlots(count: number, cores = availableParallelism()): { take(rank: number): Promise<Slot> } {
  const waiting: { rank: number; go: () => void }[] = [];
  let taken = 0;
  const slot: Slot = {
    jobs: () => Math.max(Math.min(cores, 2), Math.ceil(cores / Math.max(1, taken))),
    [Symbol.asyncDispose]: async () => {
      const next = waiting.shift();
      if (next) next.go();
      else taken -= 1;
    },
  };
  return {
    take: async (rank) => {
      // Others that become ready in the same turn are compared with this one, whichever came first.
      await new Promise((done) => setImmediate(done));
      if (taken < count) taken += 1;
      else
        await new Promise<void>((go) => {
          waiting.push({ rank, go });
          waiting.sort((a, b) => b.rank - a.rank);
        });
      return slot;
    },
  };
}
