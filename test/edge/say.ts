import type { Vm } from "../../src/vm/mod.ts";
import { ask } from "../e2e/support/boot.ts";
import type { Checks } from "./checks.ts";

/** Runs a script in a guest, which must succeed, and compares what it says. */
export type Say = (what: string, script: string, wanted: string | RegExp) => Promise<void>;

export function sayIn(vm: Vm, checks: Checks): Say {
  return (what, script, wanted) =>
    checks.attempt(what, async () => checks.expect(what, await ask(vm, script, 120), wanted));
}
