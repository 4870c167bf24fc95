import { within } from "./deadline.ts";
import { type Evidence, vmError } from "./errors.ts";

export interface ShellResult {
  status: number;
  stdout: string;
  stderr: string;
}

export interface GuestShell {
  /** The agent in the guest is there (again). */
  ready(boot: string): void;
  /** The guest was reset: its running command is lost, later ones wait for the next boot's agent. */
  reset(): void;
  answer(line: Record<string, unknown>): void;
  /** The VM is gone; everything that waits gets this error. */
  end(reason: () => Error): void;
  run(script: string, options: { seconds: number; readySeconds: number }): Promise<ShellResult>;
}

/** How much later than the guest's own limit we give up: a guest under emulation may be slow to answer. */
const graceSeconds = 30;

/** The host's side of the agent's loop (guest-agent.ts): one command at a time, each answered by one line. */
export function openGuestShell(send: (line: string) => void, evidence: () => Evidence): GuestShell {
  let boot: string | undefined;
  let ended: (() => Error) | undefined;
  let lastId = 0;
  let becameReady = newlyReady();
  let current: { id: number; resolve: (result: ShellResult) => void; reject: (error: Error) => void } | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  async function run(script: string, { seconds, readySeconds }: { seconds: number; readySeconds: number }) {
    const late = () => vmError("VM_TIMEOUT", `Waited ${readySeconds} s for the guest's agent`, evidence(), agentHint);
    if (ended) throw ended();
    await within(readySeconds, becameReady.promise, late);
    const id = ++lastId;
    const started = performance.now();
    const tooLong = () =>
      vmError("VM_TIMEOUT", `A command ran longer than ${seconds} s in the guest: ${quote(script)}`, evidence());
    const answer = new Promise<ShellResult>((resolve, reject) => {
      if (ended) return reject(ended());
      current = { id, resolve, reject };
      send(`\n${boot} ${id} ${Math.ceil(seconds)} ${Buffer.from(script).toString("base64")}\n`);
    });
    const result = await within(seconds + graceSeconds, answer, tooLong);
    // 137: killed by the guest's `timeout`.
    if (result.status === 137 && performance.now() - started >= seconds * 1000) throw tooLong();
    return result;
  }

  const reset = () => {
    current?.reject(vmError("VM_RESET", "The guest was reset while a command ran in it", evidence()));
    current = undefined;
    if (boot !== undefined) becameReady = newlyReady();
    boot = undefined;
  };

  return {
    ready(newBoot) {
      if (boot !== newBoot) reset();
      boot = newBoot;
      becameReady.resolve();
    },
    reset,
    answer({ result, status, stdout, stderr }) {
      if (current === undefined || result !== current.id) return;
      current.resolve({
        status: typeof status === "number" ? status : Number.NaN,
        stdout: decode(stdout),
        stderr: decode(stderr),
      });
      current = undefined;
    },
    end(reason) {
      ended ??= reason;
      current?.reject(reason());
      current = undefined;
      becameReady.reject(reason());
    },
    run(script, options) {
      const turn = queue.then(() => run(script, options));
      queue = turn.catch(() => {});
      return turn;
    },
  };
}

/** Rejected when the VM ends, when possibly nobody waits for it. */
function newlyReady(): PromiseWithResolvers<void> {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  return ready;
}

const agentHint = "The VM must be started with `guest: guestAgent()`, and the guest must reach multi-user.target";

function decode(value: unknown): string {
  return typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : "";
}

function quote(script: string): string {
  const text = script.trim().replaceAll("\n", "; ");
  return `"${text.length > 120 ? `${text.slice(0, 120)}…` : text}"`;
}
