import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { failsAtRunTime } from "../../recipes/systemd/broken-on-musl.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, isUp, systemState } from "./support/boot.ts";
import { listening, type SocketTables, socketTables } from "./support/sockets.ts";
import { exposureOfRunning, faultsOfUnits } from "./support/units.ts";

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

let seen: {
  exposure: { running: string[]; over: string[] };
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
  const look = {
    exposure: await exposureOfRunning(vm),
    verified: await faultsOfUnits(vm),
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
    expect(seen.exposure.running.length).toBeGreaterThan(4);
    expect(seen.exposure.over).toEqual([]);
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
