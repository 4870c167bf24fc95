import { availableParallelism } from "node:os";

export interface Slot extends AsyncDisposable {
  /** Processes that this step may run at once. */
  readonly jobs: number;
}

export interface Slots {
  take(rank: number): Promise<Slot>;
}

/** Steps at once are held few, since each takes disk and memory beside its processes. */
const mostSteps = 8;

/** Processes at once where nobody says how many: much of a step is serial (configure), so one for each core leaves them idle. */
export function defaultJobs(cores: number = availableParallelism()): number {
  return 2 * cores;
}

/** How many steps run at once when they share so many processes. */
export function stepsAtOnce(jobs: number): number {
  return Math.min(mostSteps, Math.max(1, Math.floor(jobs / 2)));
}

/**
 * Shares processes among steps, so that no more than `jobs` run at once over all of them. Of the steps that wait, the one with
 * the highest rank goes first. A step keeps what it was given until it ends: with others that want to run it takes an equal
 * share, alone as many as there are cores, but leaves one for each step that may still join.
 */
export function createSlots(jobs: number, cores: number = availableParallelism()): Slots {
  const waiting: { rank: number; go: () => void }[] = [];
  let freeSlots = stepsAtOnce(jobs);
  let freeJobs = jobs;
  /** Steps that asked and have not been let in. */
  let wanting = 0;

  const grant = (): Slot => {
    const asking = Math.min(wanting, freeSlots);
    const share = Math.floor((freeJobs - (freeSlots - asking)) / asking);
    const given = Math.min(cores, share);
    wanting -= 1;
    freeSlots -= 1;
    freeJobs -= given;
    return {
      jobs: given,
      [Symbol.asyncDispose]: async () => {
        freeSlots += 1;
        freeJobs += given;
        waiting.shift()?.go();
      },
    };
  };
  return {
    take: async (rank) => {
      wanting += 1;
      // Others that become ready in the same turn are compared with this one, whichever came first.
      await new Promise((done) => setImmediate(done));
      if (freeSlots > 0) return grant();
      return new Promise((done) => {
        waiting.push({ rank, go: () => done(grant()) });
        waiting.sort((a, b) => b.rank - a.rank);
      });
    },
  };
}
