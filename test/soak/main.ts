/**
 * `make soak`: one machine, left alone for 12 minutes. No unit may fail, no memory may be lost between minutes 2 and 12, and the
 * journal may say nothing grave that is not accepted below.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { cacheRoot } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { guestAgent, probeAcceleration, startVm } from "../../src/vm/mod.ts";
import { runCommand } from "../bench/command.ts";
import { acceptedLines, unexpectedLines } from "./journal.ts";

const settleMinutes = 2;
const restMinutes = 10;
/** Memory that may be lost in `restMinutes`, in kB. */
const lossAllowed = 1024;

const disk = "out/soak/cloud.raw";
runCommand(["./hadron", "image", "cloud", "--as", "disk", "--output", disk]);
const options = { cacheRoot: cacheRoot() };
const tools = {
  vm: (await ensureToolboxSet("vm", options)).path,
  sandbox: (await ensureToolboxSet("sandbox", options)).path,
};
const { accel } = await probeAcceleration({ tools, cacheRoot: cacheRoot() });
await using vm = await startVm({
  ...{ tools, accel, memory: 1024, cpus: 2 },
  disks: [{ path: disk, format: "raw", snapshot: true }],
  guest: guestAgent(),
});
const ask = async (script: string): Promise<string> => {
  const { status, stdout, stderr } = await vm.sh(script, { seconds: 120, readySeconds: 300 });
  if (status !== 0) throw new Error(`In the guest, "${script}" ended with status ${status}: ${stderr}`);
  return stdout.trim();
};
/** In kB, proc_meminfo(5); what can be dropped is dropped first, so that two readings can be compared. */
const memoryAvailable = async (): Promise<number> =>
  Number(await ask("sync; echo 3 > /proc/sys/vm/drop_caches; awk '/^MemAvailable/ {print $2}' /proc/meminfo"));

await ask("systemctl is-system-running --wait || true");
console.log(`Up; waiting ${settleMinutes} minutes`);
await sleep(settleMinutes * 60_000);
const early = await memoryAvailable();
console.log(`MemAvailable: ${early} kB; waiting ${restMinutes} minutes`);
await sleep(restMinutes * 60_000);
const late = await memoryAvailable();
const failed = await ask("systemctl --failed --no-legend --plain");
const journal = await ask("journalctl -b -p warning -o json --output-fields=MESSAGE,SYSLOG_IDENTIFIER,PRIORITY");
const unexpected = unexpectedLines(journal);
await vm.powerdown();

const checks: { what: string; passed: boolean; detail: string }[] = [
  { what: "no unit failed", passed: failed === "", detail: failed },
  {
    what: `MemAvailable fell by at most ${lossAllowed} kB`,
    passed: early - late <= lossAllowed,
    detail: `${early} → ${late} kB`,
  },
  {
    what: `no line at warning or above beyond ${acceptedLines.length} accepted patterns`,
    passed: unexpected.length === 0,
    detail: unexpected.join("\n"),
  },
];
for (const { what, passed, detail } of checks) console.log(`${passed ? "passed" : "FAILED"}: ${what} (${detail})`);
const failures = checks.filter(({ passed }) => !passed).length;
console.log(`${checks.length - failures} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
