import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agentProgram, guestAgent, guestScript } from "./guest-agent.ts";
import { type GuestShell, openGuestShell } from "./guest-shell.ts";
import { splitLines } from "./lines.ts";
import { parseReportLine, type Report } from "./reports.ts";

/** The very loop that runs in guests, run by this machine's shell with a socket as its port. */
const stack = new AsyncDisposableStack();
const reports: Report[] = [];
let shell: GuestShell;
let port: Duplex;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "agent-"));
  stack.defer(() => rm(folder, { recursive: true }));
  const [program = "/bin/sh", ...first] = (process.env.HADRON_TEST_SHELL ?? "/bin/sh").split(" ");
  const agent = spawn(program, [...first, "-c", agentProgram(folder)], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  stack.defer(() => new Promise((resolve) => agent.once("exit", resolve).kill("SIGKILL")));
  port = agent.stdio[3] as Duplex;
  shell = openGuestShell(
    (line) => void port.write(line),
    () => ({}),
  );
  port.on(
    "data",
    splitLines((line) => {
      const message = parseReportLine(line);
      if (message === undefined) return;
      if (typeof message.report !== "string") return shell.answer(message);
      if (message.report === "ready") shell.ready(String(message.value));
      reports.push({ name: message.report, value: message.value });
    }),
  );
});
afterAll(() => stack.disposeAsync());

const limits = { seconds: 20, readySeconds: 20 };

test("a script's status and both outputs come back", async () => {
  expect(await shell.run("echo out; echo err >&2; exit 3", limits)).toEqual({
    status: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("scripts may hold anything: quotes, backslashes, several lines, other scripts", async () => {
  const text = `it's "quoted" \\n $HOME \`x\` ü\n\tline 2`;
  const { stdout } = await shell.run(`cat <<'END'\n${text}\nEND`, limits);
  expect(stdout).toBe(`${text}\n`);
});

test("large outputs arrive whole", async () => {
  const { stdout } = await shell.run("head -c 300000 /dev/zero | tr '\\0' x", limits);
  expect(stdout).toBe("x".repeat(300_000));
});

test("a script has no input to wait for, and can't disturb the loop", async () => {
  expect((await shell.run("cat; cd /; set -e; status=9 ends=9; false", limits)).status).toBe(1);
  expect((await shell.run("echo $0", limits)).status).toBe(0);
});

test("scripts run one after the other, in the order of calls", async () => {
  const results = await Promise.all([1, 2, 3].map((n) => shell.run(`sleep 0.0${4 - n}; echo ${n}`, limits)));
  expect(results.map(({ stdout }) => stdout)).toEqual(["1\n", "2\n", "3\n"]);
});

test("a script can report while it runs", async () => {
  await shell.run(`report state '{"units": 3}'; report done`, limits);
  expect(reports).toContainEqual({ name: "state", value: { units: 3 } });
  expect(reports).toContainEqual({ name: "done", value: null });
});

test("a script that runs too long is ended, and the next one runs", async () => {
  await expect(shell.run("sleep 60", { ...limits, seconds: 1 })).rejects.toMatchObject({ code: "VM_TIMEOUT" });
  expect((await shell.run("echo alive", limits)).stdout).toBe("alive\n");
});

test("what was meant for an earlier boot, or is no command, is not run", async () => {
  const command = Buffer.from("report intruder").toString("base64");
  port.write(`other-boot 77 5 ${command}\nhalf a comm\n\n${"x".repeat(5000)}\n`);
  expect((await shell.run("echo still", limits)).stdout).toBe("still\n");
  expect(reports.map(({ name }) => name)).not.toContain("intruder");
});

test("the credentials make a unit that the chosen target wants", async () => {
  const credentials = guestAgent({ after: "basic.target" });
  expect(Object.keys(credentials).sort()).toEqual([
    "hadron.agent",
    "systemd.extra-unit.hadron-agent.service",
    "systemd.unit-dropin.basic.target~50-hadron-agent",
  ]);
  await expect(Object.values(credentials).join("\n")).toMatchFileSnapshot("golden/guest-agent.txt");
  await expect(String(guestScript("report state '\"up\"'", { poweroff: true })["hadron.agent"])).toMatchFileSnapshot(
    "golden/guest-script.txt",
  );
});
