import { spawn } from "node:child_process";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Emit, Event } from "../../src/base/mod.ts";
import type { Outcome, Task } from "./rebuild-process.ts";
import { commandElsewhere } from "./surroundings.ts";

/** Does a task in a process of its own, elsewhere, and passes its events on. @throws Error where it ended without an outcome */
export async function rebuild(task: Task, emit: Emit): Promise<Outcome> {
  await using place = await mkdtempDisposable(join(tmpdir(), "hadron-elsewhere-"));
  const [program, ...words] = commandElsewhere("test/reproducible/rebuild-process.ts", {
    place: place.path,
    bubblewrap: task.toolbox.bubblewrap,
  });
  const child = spawn(program, [...words, JSON.stringify(task)], { stdio: ["ignore", "pipe", "inherit"], env: {} });
  const ended = new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  let outcome: Outcome | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as Event | Outcome;
    if (said.type === "outcome") outcome = said;
    else emit(said);
  }
  const status = await ended;
  if (outcome === undefined) throw new Error(`The rebuild ended with status ${status}`);
  return outcome;
}
