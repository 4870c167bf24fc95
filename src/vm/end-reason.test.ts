import { expect, test } from "vitest";
import { endReason } from "./end-reason.ts";

const shutdown = (reason: string) => [{ event: "SHUTDOWN", data: { guest: true, reason } }];

test.each([
  ["poweroff", shutdown("guest-shutdown"), 0, false],
  ["reset", shutdown("guest-reset"), 0, false],
  ["panic", [{ event: "GUEST_PANICKED" }, ...shutdown("guest-panic")], 0, false],
  ["killed", shutdown("host-qmp-quit"), 0, false],
  ["killed", [], null, true],
  ["debug-exit", shutdown("guest-shutdown"), 33, false],
  ["debug-exit", [], 33, false],
  ["died", [], 134, false],
  ["died", [], 1, false],
] as const)("%s", (reason, events, code, wasKilled) => {
  expect(endReason([...events], code, wasKilled)).toBe(reason);
});
