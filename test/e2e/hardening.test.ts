import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { failsAtRunTime } from "../../recipes/systemd/broken-on-musl.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, isUp, systemState } from "./support/boot.ts";
import { listening, type SocketTables, socketTables } from "./support/sockets.ts";

/** Highest exposure of a unit that runs for long, as `systemd-analyze security` counts it (0 to 10). */
const exposureAllowed = 3.0;

/** Units that need more than that, and why. Five at most, none above 5.0. */
const exceptions: Record<string, string> = {
  "systemd-journald.service": "reads kernel messages and audit, and who every process is that writes to it",
  "systemd-udevd.service": "makes device nodes, runs programs of rules, and configures devices",
};

/** The agent by which the test looks at the guest is no part of the image. */
const ofTheTest = /^hadron-agent\.service$/;

/** Settings of the kernel that a node starts with; see sysctl.d(5). */
const settings: Record<string, string> = {
  "kernel.dmesg_restrict": "1",
  "kernel.kptr_restrict": "2",
  "kernel.unprivileged_bpf_disabled": "1",
  "kernel.yama.ptrace_scope": "1",
  "fs.protected_fifos": "2",
  "fs.protected_hardlinks": "1",
  "fs.protected_regular": "2",
  "fs.protected_symlinks": "1",
  "fs.suid_dumpable": "0",
  "net.core.bpf_jit_harden": "2",
  "net.ipv4.tcp_syncookies": "1",
};

interface Exposure {
  unit: string;
  exposure: string | number;
}

let seen: {
  exposures: Exposure[];
  running: string[];
  verified: string;
  settings: Record<string, string>;
  lockdown: string;
  sockets: SocketTables;
  coredumps: string;
  broken: Record<string, string>;
};

beforeAll(async () => {
  const disk = await freshDisk(join(await freshFolder("hardening"), "disk.raw"));
  await using vm = await boot("hardening", { disks: [{ path: disk, format: "raw" }] });
  await isUp(vm);
  await systemState(vm);
  const running = await ask(vm, "systemctl list-units --type=service --state=running --no-legend --plain");
  const look = {
    exposures: JSON.parse(await ask(vm, "systemd-analyze security --json=short --no-pager", 180)) as Exposure[],
    running: running.split("\n").flatMap((line) => line.split(" ")[0] ?? []),
    verified: await ask(
      vm,
      "(cd /usr/lib/systemd/system && systemd-analyze verify --man=no $(ls | grep -v '@\\.' | grep -E '\\.(service|socket|target|timer|mount|path)$') ; systemd-analyze verify --man=no sshd@x.service as-root@x.service nspawn-oci@x.service crun@x.service serial-getty@ttyS0.service) 2>&1 || true",
      300,
    ),
    settings: Object.fromEntries(
      await Promise.all(Object.keys(settings).map(async (name) => [name, await ask(vm, `sysctl -n ${name}`)])),
    ),
    lockdown: await ask(vm, "cat /sys/kernel/security/lockdown"),
    sockets: await socketTables(vm),
    // A program that dies as a core dump would be written.
    coredumps: await ask(
      vm,
      "cd /var/tmp; sh -c 'kill -SEGV $$' || true; sleep 2; journalctl -b -o cat --no-pager | grep 'terminated abnormally' > /dev/null && echo logged; find /var/lib/systemd/coredump /var/tmp -type f -name '*core*' 2> /dev/null",
    ),
  };
  const broken: Record<string, string> = {};
  for (const [feature, { command }] of Object.entries(failsAtRunTime)) {
    const { status, stdout, stderr } = await vm.sh(command, { seconds: 60 });
    broken[feature] = `${status} ${stderr}${stdout}`;
  }
  seen = { ...look, broken };
}, 900_000);

describe("the running system", () => {
  it("has no long-running unit that is exposed more than it must be", () => {
    const long = seen.exposures.filter(({ unit }) => seen.running.includes(unit) && !ofTheTest.test(unit));
    expect(long.length).toBeGreaterThan(4);
    const limit = (unit: string) => (exceptions[unit] === undefined ? exposureAllowed : 5.0);
    const over = long.filter(({ unit, exposure }) => Number(exposure) > limit(unit));
    expect(over.map(({ unit, exposure }) => `${unit} ${exposure}`)).toEqual([]);
    expect(Object.keys(exceptions).length).toBeLessThanOrEqual(5);
  });

  it("has units that systemd finds nothing wrong with", () => {
    expect(seen.verified).toBe("");
  });

  it("starts with hardened settings of the kernel", () => {
    expect(seen.settings).toEqual(settings);
    expect(seen.lockdown).toContain("[integrity]");
  });

  it("listens to nothing but its own DHCP client", () => {
    expect(listening(seen.sockets)).toEqual([]);
  });

  it("keeps no core dump", () => {
    // The journal says that something crashed; what was in its memory is nowhere.
    expect(seen.coredumps).toBe("logged");
  });

  it.each(Object.entries(failsAtRunTime))("%s does not work with musl, still", (feature, { says }) => {
    expect(seen.broken[feature]).not.toMatch(/^0 /);
    expect(seen.broken[feature]).toMatch(says);
  });
});
