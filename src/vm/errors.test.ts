import { expect, test } from "vitest";
import { vmError } from "./errors.ts";

test("the detail shows the end of what the VM wrote, without terminal control", () => {
  const console = `${"old\n".repeat(100)}\x1b[2J\x1b[01;01H\x1b[0;1;31mFailed\x1b[0m to mount\r\n\x1b]0;title\x07login:`;
  const { detail = "" } = vmError("VM_TIMEOUT", "Waited", { console, stderr: "qemu: x\n" });
  expect(detail.split("\n").slice(0, 3)).toEqual(["QEMU's last words:", "  | qemu: x", "End of the serial console:"]);
  expect(detail.split("\n").slice(-2)).toEqual(["  | Failed to mount", "  | login:"]);
  expect(detail.split("\n").length).toBeLessThan(40);
});

test("what to do next is said even where the caller knows nothing special", () => {
  expect(vmError("VM_DIED", "QEMU died").hint).toContain("QEMU's last words");
  expect(vmError("VM_TIMEOUT", "Waited", {}, "Start the agent").hint).toBe("Start the agent");
});
