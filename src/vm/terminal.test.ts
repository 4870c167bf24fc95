import { expect, test } from "vitest";
import { escapeFilter } from "./terminal.ts";

function type(...keys: string[]) {
  let sent = "";
  let ends = 0;
  const filter = escapeFilter(
    (data) => {
      sent += Buffer.from(data).toString();
    },
    () => ends++,
  );
  for (const key of keys) filter(Buffer.from(key));
  return { sent, ends };
}

test("keys go to the guest, Ctrl-C too", () => {
  expect(type("ls\r", "\x03")).toEqual({ sent: "ls\r\x03", ends: 0 });
});

test("Ctrl-] and Ctrl-A X end the VM, even when the two keys come apart", () => {
  expect(type("\x1d").ends).toBe(1);
  expect(type("\x01x").ends).toBe(1);
  expect(type("\x01", "x")).toEqual({ sent: "", ends: 1 });
});

test("Ctrl-A twice sends it once", () => {
  expect(type("\x01\x01e")).toEqual({ sent: "\x01e", ends: 0 });
});
