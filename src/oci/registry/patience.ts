import { setTimeout } from "node:timers/promises";
import type { HadronError } from "../../base/mod.ts";

export interface Patience {
  /** How often a thing is tried. */
  attempts: number;
  /** Milliseconds before the second attempt; each further pause is twice as long. */
  firstPause: number;
  signal?: AbortSignal | undefined;
}

/** Seconds; who asks for more is told to the user instead of waited for. */
export const longestPause = 120;

/** Failures after which the same may succeed, and the seconds that the registry asked to wait. */
const passing = new WeakMap<Error, number>();

/** Says of a failure that it may pass. */
export function mayPass(error: HadronError, afterSeconds = 0): HadronError {
  passing.set(error, afterSeconds);
  return error;
}

/** Whether the same may succeed later. */
export function isPassing(error: unknown): error is HadronError {
  return error instanceof Error && passing.has(error);
}

/**
 * Tries until it succeeds or fails for good.
 * @param attempt Gets its number, from 1
 */
export async function retrying<T>(attempt: (number: number) => Promise<T>, patience: Patience): Promise<T> {
  const { attempts, firstPause, signal } = patience;
  for (let number = 1; ; number++) {
    try {
      return await attempt(number);
    } catch (error) {
      const asked = error instanceof Error ? passing.get(error) : undefined;
      if (asked === undefined || asked > longestPause || number >= attempts) throw error;
      const pause = Math.max(asked * 1000, firstPause * 2 ** (number - 1));
      await setTimeout(pause, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

/** Seconds of a `Retry-After` (RFC 9110, 10.2.3): a number, or a time. */
export function retryAfter(header: string | undefined, now: number = Date.now()): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const time = Date.parse(header);
  return Number.isNaN(time) ? 0 : Math.max(0, Math.ceil((time - now) / 1000));
}
