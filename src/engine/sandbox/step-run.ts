import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sha256 } from "../../base/mod.ts";
import type { Step } from "../../graph/mod.ts";
import { mergeTrees } from "../store/merge.ts";
import type { UsedSource } from "../store/store.ts";
import { runInSandbox, type SandboxOptions } from "./sandbox.ts";
import { stageFiles } from "./stage-files.ts";

/** An input of a step with the place where its bytes lie on this machine. */
export type PlacedInput = PlacedTree | PlacedFile | PlacedFiles | PlacedText;

interface Placed {
  name: string;
  host: string;
  mount: string;
}

/** A step's output. Several at the same place are merged. */
interface PlacedTree extends Placed {
  kind: "tree";
}

/** One source. */
interface PlacedFile extends Placed {
  kind: "file";
  source: UsedSource;
}

/** A folder of the project. */
interface PlacedFiles extends Placed {
  kind: "files";
  digest: Sha256;
}

/** A small file that is written for the run; alone at its place. */
interface PlacedText extends Omit<Placed, "host"> {
  kind: "text";
  text: string;
}

export interface StepRun {
  step: Step;
  inputs: readonly PlacedInput[];
  /** A fresh folder of this run, on the store's file system. */
  work: string;
  /** Unpacked toolbox sets. */
  toolbox: { root: string; bubblewrap: string };
  /** How many processes at once; never part of the key. */
  jobs: number;
  logFile?: string;
  signal?: AbortSignal;
  /** Words before the command that runs the script. */
  around?: readonly string[];
  /** Opens a shell on this terminal, with everything in place, instead of running the script. */
  shell?: boolean;
}

/** Before every script: its output in one stream, and modes that do not depend on who builds. */
export const prologue = "exec 2>&1\numask 022\n";

/** Prepares a step's sandbox, runs it, and returns the exit status; the output tree is then in `<work>/out`. */
export async function runStep(run: StepRun): Promise<number> {
  const { step, work } = run;
  for (const name of ["out", "build", "tmp"]) {
    mkdirSync(join(work, name));
    chmodSync(join(work, name), 0o755);
  }
  const script = join(work, "script");
  writeFileSync(script, `${run.shell ? "" : prologue}${step.script}`);
  const options: SandboxOptions = {
    bubblewrap: run.toolbox.bubblewrap,
    root: run.toolbox.root,
    readOnly: [...mounts(run), { host: script, mount: "/run/step" }],
    writable: [
      { host: join(work, "build"), mount: "/build" },
      { host: join(work, "out"), mount: "/out" },
      { host: join(work, "tmp"), mount: "/tmp" },
      { host: join(work, "tmp"), mount: "/var/tmp" },
    ],
    env: { ...step.env, JOBS: String(run.jobs) },
    command: run.shell
      ? ["/bin/bash", "--norc", "-i"]
      : [...(run.around ?? []), "/bin/bash", "--norc", "-euo", "pipefail", "/run/step"],
    ...(run.logFile ? { logFile: run.logFile } : {}),
    ...(run.signal ? { signal: run.signal } : {}),
    ...(run.shell ? { terminal: "inherit" as const } : {}),
  };
  return runInSandbox(options);
}

function mounts({ inputs, work }: StepRun): { host: string; mount: string }[] {
  const byMount = Map.groupBy(inputs, (input) => input.mount);
  return [...byMount].map(([mount, placed], index) => {
    const trees = placed.map((input, number) => {
      if ("host" in input && input.kind !== "files") return { name: input.name, path: input.host };
      const copy = join(work, `files-${index}-${number}`);
      if (input.kind === "text") writeFileSync(copy, input.text);
      else stageFiles(input, copy);
      return { name: input.name, path: copy };
    });
    const [only] = trees;
    if (trees.length === 1 && only) return { host: only.path, mount };
    const merged = join(work, `merged-${index}`);
    mergeTrees(trees, merged);
    return { host: merged, mount };
  });
}
