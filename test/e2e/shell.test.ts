import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { takeWholeStore } from "../../src/engine/mod.ts";
import { type RunningCommand, startHadron } from "./support/hadron-command.ts";

/** What a clean-up would be told to wait for. */
async function holderOfStore(): Promise<string> {
  const abort = new AbortController();
  const { signal } = abort;
  const locks = takeWholeStore((event) => abort.abort(event.type === "note" ? event.message : ""), { signal });
  return locks.then(
    async (held) => {
      await held[Symbol.asyncDispose]();
      return "nobody";
    },
    () => String(signal.reason),
  );
}

async function isOpen(shell: RunningCommand): Promise<void> {
  while (!shell.stdout().includes("opened")) {
    if (shell.hasEnded()) throw new Error(`The shell ended:\n${shell.stdout()}\n${shell.stderr()}`);
    await sleep(100);
  }
}

it("hadron build --shell opens a shell in the component's sandbox, with its inputs in place and no network", async () => {
  const script = [
    "echo source $(ls /sources)",
    "echo compiler $(type -p $TRIPLE-gcc)",
    "echo jobs $JOBS",
    "echo network $(ls /sys/class/net 2>/dev/null | grep -v '^lo$' | wc -l)",
    "touch /usr/left-behind 2>/dev/null || echo read-only",
    "exit 3",
  ];
  const shell = startHadron(["build", "zlib", "--shell", "--offline", "--jobs", "3"]);
  shell.write("echo opened\n");
  await isOpen(shell);
  expect(await holderOfStore()).toContain(`process ${shell.pid}`);
  shell.write(`${script.join("\n")}\n`);
  const { status, stdout } = await shell.ended;
  expect(stdout).toContain("source zlib\n");
  expect(stdout).toContain("compiler /cross/bin/x86_64-hadron-linux-musl-gcc\n");
  expect(stdout).toContain("jobs 3\n");
  expect(stdout).toContain("network 0\n");
  expect(stdout).toContain("read-only\n");
  expect(status).toBe(3);
  expect(await holderOfStore()).toBe("nobody");
}, 600_000);
