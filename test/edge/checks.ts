import { messageOf } from "../../src/base/mod.ts";

/** What was looked at, one line each; kept so that the last line can count them. */
export interface Checks {
  /** Notes whether something holds; what it was instead is shown where it does not. */
  expect(what: string, found: unknown, wanted: unknown): void;
  /** Runs something; if it throws, that is one failure, and the rest goes on. */
  attempt(what: string, run: () => Promise<void>): Promise<void>;
  passed(): number;
  failed(): number;
}

export function openChecks(print: (line: string) => void): Checks {
  let passed = 0;
  let failed = 0;
  const note = (what: string, reason: string | undefined): void => {
    if (reason === undefined) passed += 1;
    else failed += 1;
    print(reason === undefined ? `passed: ${what}` : `FAILED: ${what}: ${reason}`);
  };
  return {
    expect(what, found, wanted) {
      const holds = wanted instanceof RegExp ? wanted.test(String(found)) : found === wanted;
      note(what, holds ? undefined : `wanted ${String(wanted)}, found ${JSON.stringify(found)}`);
    },
    async attempt(what, run) {
      try {
        await run();
      } catch (error) {
        note(what, messageOf(error));
      }
    },
    passed: () => passed,
    failed: () => failed,
  };
}
