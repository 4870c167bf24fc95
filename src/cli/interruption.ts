import { killDescendants } from "./kill-descendants.ts";

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const graceMilliseconds = 3_000;

/** Turns Ctrl-C and its kin into an abort, and ends the process itself when that takes too long or the signal comes twice. */
export interface Interruption extends Disposable {
  signal: AbortSignal;
  /** From now on Ctrl-C is someone else's. */
  ignoreInterrupt(): void;
  /** 128 + the signal's number, once there was one: 130 for Ctrl-C. */
  status(): number | undefined;
}

/** @param beforeExit gives the terminal back. */
export function openInterruption(beforeExit: () => void): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  let ignoresInterrupt = false;
  const leave = (): never => {
    beforeExit();
    killDescendants();
    process.exit(status);
  };
  const handlers = Object.entries(signals).map(([name, number]) => {
    const handler = (): void => {
      if (name === "SIGINT" && ignoresInterrupt) return;
      if (status !== undefined) leave();
      status = 128 + number;
      controller.abort(new Error(`Interrupted by ${name}`));
      setTimeout(leave, graceMilliseconds).unref();
    };
    process.on(name, handler);
    return { name, handler };
  });
  return {
    signal: controller.signal,
    ignoreInterrupt: () => {
      ignoresInterrupt = true;
    },
    status: () => status,
    [Symbol.dispose]: () => {
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}
