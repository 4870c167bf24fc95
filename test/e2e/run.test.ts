import { readdirSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cacheRoot, plainText, projectRoot } from "../../src/base/mod.ts";
import { artifact, freshFolder, testedImage } from "./support/artifacts.ts";
import { boot, bootSeconds, vmMeans } from "./support/boot.ts";
import { type RunningCommand, startHadron } from "./support/hadron-command.ts";
import { processesBelow, qemuBelow, survivors } from "./support/processes.ts";
import { freePort } from "./support/sockets.ts";
import { startOnTerminal, typed } from "./support/terminal.ts";

/** Where these commands keep their temporary files, and nobody else. Names of sockets there must be short. */
let temporary: string;

/** What a VM and its command keep in folders while they run. */
function traces(command: RunningCommand): string[] {
  const work = readdirSync(join(cacheRoot(), "work"));
  return [...readdirSync(temporary), ...work.filter((name) => name.startsWith(`${command.pid}.`))];
}

async function until(condition: () => boolean, command: RunningCommand, what: string): Promise<void> {
  for (const start = performance.now(); !condition(); await sleep(200)) {
    const seconds = (performance.now() - start) / 1000;
    if (seconds < bootSeconds && !command.hasEnded()) continue;
    const end = plainText(command.stdout()).split("\n").slice(-30).join("\n");
    throw new Error(`Waited ${Math.round(seconds)} s for ${what}; the end of stdout:\n${end}\n${command.stderr()}`);
  }
}

/** A well-formed public key (RFC 4253 6.6, RFC 8709 4), to which nobody has the private one. */
const publicKey = `ssh-ed25519 ${Buffer.concat([
  ...[Buffer.of(0, 0, 0, 11), Buffer.from("ssh-ed25519")],
  ...[Buffer.of(0, 0, 0, 32), Buffer.alloc(32, 7)],
]).toString("base64")}`;

/** The first that a server says, or nothing where it says nothing for a minute. */
function greetingAt(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(60_000, () => end(""));
    socket.on("error", ({ message }) => end(message));
    socket.on("close", () => resolve(""));
    socket.once("data", (data) => end(data.toString()));
  });
}

beforeAll(async () => {
  temporary = await mkdtemp("/tmp/hadron-run-");
  await artifact("disk");
  // The trial of the accelerator is a QEMU as well, and would be taken for the machine.
  await vmMeans();
});
afterAll(() => rm(temporary, { recursive: true, force: true }));

describe("hadron run", () => {
  it("ends at a root shell on the serial console, and Ctrl-C leaves nothing of it behind", async () => {
    const command = startHadron(["run", testedImage.name], { env: { TMPDIR: temporary } });
    try {
      // Not earlier: keys would stop the boot loader.
      await until(() => /automatic login|# $/.test(plainText(command.stdout())), command, "the login");
      const typing = setInterval(() => command.write("echo ready-$((40+2)) $(id -u)\n"), 5000);
      await until(() => /^ready-42 0$/m.test(plainText(command.stdout())), command, "the shell's answer").finally(() =>
        clearInterval(typing),
      );
      const seen = processesBelow(command.pid);
      expect(seen.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^qemu-system/));
      expect(traces(command)).toContainEqual(expect.stringMatching(/^hadron-vm-/));
      command.signal("SIGINT");
      const { status } = await command.ended;
      expect(status).toBe(130);
      expect(await survivors(seen)).toEqual([]);
      expect(traces(command)).toEqual([]);
    } finally {
      command.signal("SIGKILL");
    }
  });

  it("makes the disk that it keeps, and hands over words for the kernel, credentials, a port and the terminal", async () => {
    const disk = join(await freshFolder("run"), "kept.raw");
    const port = await freePort();
    const words = [
      ...["run", testedImage.name, "--disk", disk, "--disk-size", "5G", "--ssh-port", `${port}`],
      ...["--cmdline", "tested.one=1", "--cmdline", "tested.two=2"],
      ...["--credential", "system.hostname=tested-node", "--credential", `ssh.authorized_keys.admin=${publicKey}`],
    ];
    const run = [join(projectRoot, "hadron"), ...words].map(typed).join(" ");
    const command = await startOnTerminal(`${run}; echo ended-$?; read -r line; echo restored-$line`);
    const shown = () => plainText(command.stdout());
    /** Types until it is seen: what comes before its time is lost. */
    const type = async (keys: string, seen: RegExp) => {
      const typing = setInterval(() => command.write(keys), 5000);
      await until(() => seen.test(shown()), command, String(seen)).finally(() => clearInterval(typing));
    };
    try {
      await until(() => /automatic login|# $/.test(shown()), command, "the login");
      const question =
        "echo answer-$((40+2)) $(cat /proc/sys/kernel/hostname) $(grep -o 'tested[.][a-z]*=.' /proc/cmdline) $(cat /sys/block/vda/size)";
      await type(`${question}\r`, /^answer-42 .*(?=[\r\n])/m);
      const sectors = (5 * 2 ** 30) / 512;
      const answer = /^answer-42 .*(?=[\r\n])/m.exec(shown())?.[0].trim();
      expect(answer).toBe(`answer-42 tested-node tested.one=1 tested.two=2 ${sectors}`);
      expect(await greetingAt(port)).toMatch(/^SSH-2\.0-/);
      // Ctrl-C goes to the guest, where it ends what runs; Ctrl-] ends the machine, and the terminal is what it was:
      // it echoes, and takes Enter for the end of a line.
      command.write("sleep 1000\r");
      await type("\x03echo after-$((40+3))\r", /^after-43/m);
      command.write("\x1d");
      await until(() => /^ended-0\s/m.test(shown()), command, "the end of the machine");
      command.write("back\r");
      expect((await command.ended).status).toBe(0);
      expect(shown()).toMatch(/^back\s+^restored-back\s/m);
      // Of the holes nothing is on this machine's disk.
      const { size, blocks } = await stat(disk);
      expect(size).toBe(5 * 2 ** 30);
      expect(blocks * 512).toBeLessThan(size / 2);
    } finally {
      command.signal("SIGKILL");
    }
  });

  it("says that QEMU died, with exit status 8, and leaves nothing of it behind", async () => {
    const words = ["run", testedImage.name, "--headless", "--json"];
    const command = startHadron(words, { env: { TMPDIR: temporary } });
    try {
      // With --json the console goes to stderr. The firmware writes there before it starts anything.
      await until(() => command.stderr().includes("BdsDxe"), command, "the firmware");
      const qemu = await qemuBelow(command.pid, 5);
      const seen = processesBelow(command.pid);
      process.kill(qemu.pid, "SIGKILL");
      const { status, stdout } = await command.ended;
      expect(status).toBe(8);
      expect(JSON.parse(stdout)).toMatchObject({
        error: { code: "VM_DIED", message: expect.stringContaining("died"), hint: expect.stringContaining("QEMU") },
      });
      expect(await survivors(seen)).toEqual([]);
      expect(traces(command)).toEqual([]);
    } finally {
      command.signal("SIGKILL");
    }
  });
});

describe("a machine whose QEMU dies", () => {
  it("ends everything that waits for it with VM_DIED", async () => {
    await using vm = await boot("dies", { memory: 128 });
    const waiting = vm.waitForReport("ready", { seconds: 120 });
    const running = vm.sh("true");
    const qemu = await qemuBelow(process.pid, 30);
    process.kill(qemu.pid, "SIGKILL");
    const [report, shell] = await Promise.allSettled([waiting, running]);
    for (const result of [report, shell])
      expect(result).toMatchObject({ status: "rejected", reason: { kind: "vm", code: "VM_DIED" } });
    expect(await vm.exited).toMatchObject({ reason: "died" });
    expect(await survivors([qemu])).toEqual([]);
  });
});
