import { truncate } from "node:fs/promises";
import { copySparseFile } from "../../src/formats/mod.ts";
import type { Disk, Vm, VmOptions } from "../../src/vm/mod.ts";
import { diskBytes } from "../e2e/support/artifacts.ts";
import { ask, boot, isUp, systemState } from "../e2e/support/boot.ts";
import { exposureOfRunning, faultsOfUnits } from "../e2e/support/units.ts";
import { freePlace, testSubject } from "./build.ts";
import type { Checks } from "./checks.ts";
import { startIscsi } from "./iscsi.ts";
import { sayIn } from "./say.ts";
import { spoilt } from "./spoilt-modules.ts";

/** The disk that was built, in a machine that it was never started in. */
async function start(name: string, image: string, options: { disk: Partial<Disk> } & Partial<VmOptions>): Promise<Vm> {
  const { disk, disks = [], ...others } = options;
  const path = await freePlace(`${name}.raw`);
  await copySparseFile(image, path);
  await truncate(path, diskBytes);
  return boot(`edge-${name}`, { disks: [{ path, format: "raw", ...disk }, ...disks], ...others });
}

/** The folder of the block device that /var is on, in sysfs: it names the controllers on the way. */
const varDevice = "readlink -f /sys/class/block/$(basename $(findmnt -nro SOURCE /var))";

/** SATA, a network card of Intel's, a watchdog: what a board has, as far as QEMU has it. */
export async function bootFromSata(image: string, modules: string, checks: Checks): Promise<void> {
  await using vm = await start("sata", image, {
    disk: { bus: "sata" },
    disks: [{ path: modules, format: "raw", readonly: true, serial: "modules" }],
    network: { device: "e1000e", isolated: true },
    watchdog: true,
  });
  await isUp(vm);
  const { state, failed } = await systemState(vm);
  checks.expect("SATA: reaches multi-user with no failed unit", `${state} ${failed}`.trim(), "running");
  const say = sayIn(vm, checks);

  await say("the disk is sda, by AHCI", varDevice, /\/ata\d+\/.*\/sda\//);
  await say(
    "a network card's driver is loaded by its alias, from a packed module",
    "grep -q '^e1000e ' /proc/modules && modinfo -F filename e1000e",
    /\/e1000e\.ko\.zst$/,
  );
  // A machine without an address yet is up all the same.
  await say(
    "that card has an address by DHCP, within half a minute",
    `now() { cut -d. -f1 /proc/uptime; }
address= end=$(($(now) + 30))
while [ -z "$address" ] && [ $(now) -lt $end ]; do
  for link in /sys/class/net/*; do
    [ "$(basename "$(readlink -f $link/device/driver)")" != e1000e ] || address=$(ip -4 -o addr show dev \${link##*/} scope global)
  done
  [ -n "$address" ] || sleep 1
done
echo "$address"`,
    /inet 10\.0\.2\.\d+\/24 .*dynamic/,
  );
  await say("the kernel has type information", "wc -c < /sys/kernel/btf/vmlinux", /^\d{7,}$/);
  await say("a module has type information", "wc -c < /sys/kernel/btf/e1000e", /^[1-9]\d+$/);
  await say("signatures are enforced", "cat /sys/module/module/parameters/sig_enforce", "Y");
  await say("lockdown is on", "cat /sys/kernel/security/lockdown", /\[integrity\]/);
  await say("the kernel has one built-in certificate", "grep -F .builtin_trusted_keys /proc/keys", /_keys: 1$/);
  await say(
    "that is the one that was given",
    `grep -F -c '${testSubject}: ' /proc/keys; grep -c ' asymmetri ' /proc/keys`,
    "1\n1",
  );
  await refuseSpoilt(vm, checks);
  await say(
    "as it is shipped, the same module loads: the software watchdog",
    "insmod /run/modules/good.ko && grep -c '^softdog ' /proc/modules",
    "1",
  );
  await say(
    "md RAID loads",
    "modprobe -a raid0 raid1 raid10 raid456 && grep -c -E '^(raid0|raid1|raid10|raid456) ' /proc/modules",
    "4",
  );
  await startIscsi(vm, checks);
  await checks.attempt("units", async () => {
    const { running, over } = await exposureOfRunning(vm);
    const isJudged = running.length > 4 && running.includes("iscsid.service");
    checks.expect("services run, iscsid too, and none is exposed more than it must be", `${isJudged} ${over}`, "true ");
    checks.expect("systemd finds nothing wrong with any unit", await faultsOfUnits(vm), "");
  });
  await say(
    "the board's watchdog is there, and PID 1 feeds one",
    `grep -l -i i6300esb /sys/class/watchdog/*/identity | wc -l
systemctl show -p RuntimeWatchdogUSec --value
cat "/sys/class/watchdog/$(basename "$(systemctl show -p WatchdogDevice --value)")/state"`,
    "1\n1min\nactive",
  );
  checks.expect("SATA: powers off", (await vm.powerdown({ seconds: 90 })).reason, "poweroff");
}

/** By exit status and by what is loaded afterwards; the kernel's own word says that it was for the signature. */
async function refuseSpoilt(vm: Vm, checks: Checks): Promise<void> {
  await ask(vm, "mkdir -p /run/modules && tar -x -f /dev/disk/by-id/virtio-modules -C /run/modules");
  for (const [name, how] of Object.entries(spoilt)) {
    const what = `a module ${how} is refused`;
    await checks.attempt(what, async () => {
      const { status, stderr } = await vm.sh(`insmod /run/modules/${name}.ko`);
      const isLoaded = await ask(vm, "grep -c '^softdog ' /proc/modules || true");
      checks.expect(
        what,
        `${status === 0 ? "status 0" : "refused"}, ${isLoaded} loaded: ${stderr}`,
        /^refused, 0 loaded: .*rejected/is,
      );
    });
  }
}

/** A stick or a disk in a case, on USB 3. */
export async function bootFromUsb(image: string, checks: Checks): Promise<void> {
  await using vm = await start("usb", image, { disk: { bus: "usb" } });
  await isUp(vm);
  const { state, failed } = await systemState(vm);
  checks.expect("USB: reaches multi-user with no failed unit", `${state} ${failed}`.trim(), "running");
  await checks.attempt("the disk is on USB", async () =>
    checks.expect("the disk is on USB", await ask(vm, varDevice), /\/usb\d+\/.*\/sda\//),
  );
  checks.expect("USB: powers off", (await vm.powerdown({ seconds: 90 })).reason, "poweroff");
}
