import { expect, test } from "vitest";
import { openGuestShell } from "./guest-shell.ts";

const limits = { seconds: 5, readySeconds: 5 };
const noEvidence = () => ({});

test("a reset fails the running command, and the next waits for the new boot", async () => {
  const sent: string[] = [];
  const shell = openGuestShell((line) => sent.push(line.trim()), noEvidence);
  shell.ready("boot1");
  const lost = shell.run("reboot", limits);
  await expect.poll(() => sent.length).toBe(1);
  shell.reset();
  await expect(lost).rejects.toMatchObject({ code: "VM_RESET" });
  const next = shell.run("true", limits);
  await new Promise((wake) => setTimeout(wake, 50));
  expect(sent).toHaveLength(1);
  shell.ready("boot2");
  await expect.poll(() => sent.at(-1)).toMatch(/^boot2 2 5 /);
  shell.answer({ result: 2, status: 0, stdout: "", stderr: "" });
  expect((await next).status).toBe(0);
});

test("without an agent in the guest it says so", async () => {
  const shell = openGuestShell(
    () => {},
    () => ({ console: "login: \n" }),
  );
  await expect(shell.run("true", { seconds: 5, readySeconds: 0.05 })).rejects.toMatchObject({
    code: "VM_TIMEOUT",
    hint: expect.stringContaining("guestAgent"),
    detail: expect.stringContaining("login:"),
  });
});

test("the end of the VM ends every wait", async () => {
  const shell = openGuestShell(() => {}, noEvidence);
  const early = shell.run("true", limits);
  shell.end(() => new Error("VM is gone"));
  await expect(early).rejects.toThrow("VM is gone");
  await expect(shell.run("true", limits)).rejects.toThrow("VM is gone");
});

test("an answer that is none of the agent's has no status, and no text", async () => {
  const shell = openGuestShell(
    () => {},
    () => ({ console: "" }),
  );
  shell.ready("boot");
  const run = shell.run("true", { seconds: 5, readySeconds: 5 });
  await new Promise((wake) => setTimeout(wake, 10));
  shell.answer({ result: 1, status: { toString: null }, stdout: { toString: null }, stderr: 3 });
  expect(await run).toEqual({ status: Number.NaN, stdout: "", stderr: "" });
});
