import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Event, projectRoot } from "../../../src/base/mod.ts";
import type { Outcome, Task } from "./build-process.ts";

export interface BuildProcess {
  child: ChildProcess;
  events: Event[];
  /** Resolves with the first such event, and rejects where the process ends without one. */
  heard(type: Event["type"]): Promise<Event>;
  /** `undefined` where it was ended before it could say. */
  ended: Promise<Outcome | undefined>;
}

/** Starts a build in a process of its own. @param wrapper Words before `node`, such as a sandbox's. */
export function startBuild(task: Task, wrapper: readonly string[] = []): BuildProcess {
  const node = join(projectRoot, "node_modules/node/bin/node");
  const script = join(import.meta.dirname, "build-process.ts");
  const [program = node, ...args] = [
    ...wrapper,
    node,
    "--disable-warning=ExperimentalWarning",
    script,
    JSON.stringify(task),
  ];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const events: Event[] = [];
  const waiting: { type: string; done: (event: Event) => void; failed: (error: Error) => void }[] = [];
  let outcome: Outcome | undefined;
  let isClosed = false;
  const silence = (type: string) => new Error(`The build ended without an event "${type}"`);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const value = JSON.parse(line) as Event | Outcome;
    if (value.type === "outcome") {
      outcome = value;
      return;
    }
    events.push(value);
    for (const { type, done } of waiting) if (type === value.type) done(value);
  });
  return {
    child,
    events,
    heard: (type) => {
      const known = events.find((event) => event.type === type);
      if (known) return Promise.resolve(known);
      if (isClosed) return Promise.reject(silence(type));
      return new Promise((done, failed) => waiting.push({ type, done, failed }));
    },
    ended: new Promise((done) =>
      child.once("close", () => {
        isClosed = true;
        for (const { type, failed } of waiting) failed(silence(type));
        done(outcome);
      }),
    ),
  };
}
