import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { plainText } from "../../src/base/mod.ts";
import type { Vm } from "../../src/vm/mod.ts";
import { freshDisk, freshFolder, stepOutput, testedImage } from "./support/artifacts.ts";
import { ask, boot, type DiskMount, diskMounts, isUp, reboot, runLast, systemState } from "./support/boot.ts";
import { checkVar, partitionOf, partitionsOf } from "./support/partitions.ts";

/** What one boot showed. */
interface Boot {
  state: string;
  failed: string;
  machineId: string;
  journalRecovered: string;
}

/** Where something is left, and whether it must be there after a reboot. */
const places: Record<string, { persists: boolean }> = {
  "/etc/left-behind": { persists: false },
  "/tmp/left-behind": { persists: false },
  "/run/left-behind": { persists: false },
  "/dev/shm/left-behind": { persists: false },
  "/var/left-behind": { persists: true },
  "/var/tmp/left-behind": { persists: true },
  "/root/left-behind": { persists: true },
  "/home/left-behind": { persists: true },
  "/srv/left-behind": { persists: true },
  "/mnt/left-behind": { persists: true },
};

const firstUuid = "2f0bd1e4-2a07-4b4c-8a0a-6f9a7a4a5a10";
const changedUuid = "b7a3c6d2-91de-4d0f-9c55-0c1b3a9d8e71";
const mebibyte = 2 ** 20;

let disk: string;
let first: Boot & {
  commandLine: string;
  root: string;
  verity: string;
  mounts: DiskMount[];
  writes: Record<string, string>;
  left: string;
  logins: string;
  bootEntries: string;
  console: string;
};
let second: Boot & { left: string; leads: string; journals: string };
let withoutUuid: Boot;
let withChangedUuid: Boot;
let ends: Record<"poweroff" | "button" | "reboot", string>;
let checks: Record<"poweroff" | "button" | "reboot", { exitCode: number; output: string }>;

async function look(vm: Vm): Promise<Boot> {
  return {
    ...(await systemState(vm)),
    machineId: await ask(vm, "cat /etc/machine-id"),
    journalRecovered: await ask(vm, "journalctl -b -o cat --no-pager | grep -i 'recovering journal' || true"),
  };
}

/** Status and words of what must not, or must, work. */
async function attempt(vm: Vm, script: string): Promise<string> {
  const { status, stdout, stderr } = await vm.sh(script);
  return `${status} ${stdout}${stderr}`.trim();
}

/** Three machines from the same disk, four boots; the tests below only look at what they left. */
beforeAll(async () => {
  disk = await freshDisk(join(await freshFolder("disk"), "disk.raw"));
  const disks = [{ path: disk, format: "raw" as const }];
  ends = { poweroff: "", button: "", reboot: "" };
  {
    await using vm = await boot("disk-first", { disks, uuid: firstUuid });
    await isUp(vm);
    first = {
      ...(await look(vm)),
      commandLine: await ask(vm, "cat /proc/cmdline"),
      root: await ask(vm, "findmnt -nro FSTYPE,OPTIONS /"),
      verity: await ask(vm, "dmsetup table root"),
      mounts: await diskMounts(vm),
      writes: {
        "a file in /usr": await attempt(vm, "touch /usr/left-behind"),
        "a file in /": await attempt(vm, "touch /left-behind"),
        "a remount": await attempt(vm, "mount -o remount,rw /"),
        "the verified device": await attempt(vm, "dd if=/dev/zero of=/dev/mapper/root bs=4096 count=1 conv=fsync"),
        "a file in /etc": await attempt(vm, "touch /etc/left-behind && rm /etc/left-behind"),
        "a change of /etc": await attempt(vm, "cat /etc/os-release && echo '10.0.0.1 other' >> /etc/hosts"),
      },
      left: await ask(vm, `for file in ${Object.keys(places).join(" ")}; do echo kept > $file && echo $file; done`),
      logins: await ask(
        vm,
        "systemctl list-units --all --state=active --no-legend --plain '*getty@*' '*getty.service'",
      ),
      bootEntries: await ask(vm, "ls /boot/EFI/Linux"),
      console: plainText(vm.console.text()),
    };
    await reboot(vm);
    second = {
      ...(await look(vm)),
      left: await ask(vm, `for file in ${Object.keys(places).join(" ")}; do [ ! -e $file ] || echo $file; done`),
      leads: await ask(
        vm,
        "for link in /root /home /srv /mnt; do readlink -f $link; done; grep -c other /etc/hosts || true",
      ),
      journals: await ask(vm, "journalctl --list-boots -q | grep -c '^ *-\\?[0-9]'"),
    };
    runLast(vm, "systemctl poweroff");
    ends.poweroff = (await vm.waitForExit({ seconds: 60 })).reason;
  }
  const poweroff = await checkVar(disk);
  {
    await using vm = await boot("disk-without-uuid", { disks });
    withoutUuid = await look(vm);
    ends.button = (await vm.powerdown({ seconds: 60 })).reason;
  }
  const button = await checkVar(disk);
  {
    await using vm = await boot("disk-changed-uuid", { disks, uuid: changedUuid, noReboot: true });
    withChangedUuid = await look(vm);
    runLast(vm, "systemctl reboot");
    ends.reboot = (await vm.waitForExit({ seconds: 60 })).reason;
  }
  checks = { poweroff, button, reboot: await checkVar(disk) };
}, 900_000);

describe("the disk, booted", () => {
  it("reaches multi-user with every unit up, at the first boot and at the next", () => {
    const { state, failed } = first;
    expect({ state, failed }).toEqual({ state: "running", failed: "" });
    for (const { state, failed } of [second, withoutUuid, withChangedUuid])
      expect({ state, failed }).toEqual({ state: "running", failed: "" });
  });

  it("takes the counter of tries off its boot entry once it is up", () => {
    expect(first.bootEntries).toBe(`${testedImage.name}_${testedImage.version}.efi`);
  });

  it("has the root hash that was built in its kernel command line", async () => {
    const hash = (await readFile(join(await stepOutput("verity"), "roothash"), "utf8")).trim();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(first.commandLine.split(" ")).toContain(`roothash=${hash}`);
  });

  it("runs from a read-only erofs on dm-verity with that root hash", async () => {
    const hash = (await readFile(join(await stepOutput("verity"), "roothash"), "utf8")).trim();
    const [type, options = ""] = first.root.split(" ");
    expect(type).toBe("erofs");
    expect(options.split(",")).toContain("ro");
    expect(first.mounts.find(({ target }) => target === "/")).toMatchObject({ source: "/dev/mapper/root" });
    expect(first.verity.split(" ").slice(2, 3)).toEqual(["verity"]);
    expect(first.verity.split(" ")).toContain(hash);
  });

  it("lets nobody write to the root, neither its files nor its device", () => {
    expect(first.writes["a file in /usr"]).toMatch(/^1 .*Read-only file system/);
    expect(first.writes["a file in /"]).toMatch(/^1 .*Read-only file system/);
    expect(first.writes["a remount"]).not.toMatch(/^0/);
    expect(first.writes["the verified device"]).not.toMatch(/^0/);
  });

  it("lets /etc be written, and forgets that at the next boot", () => {
    expect(first.writes["a file in /etc"]).toBe("0");
    expect(first.writes["a change of /etc"]).toMatch(/^0 .*Hadron/s);
    expect(second.left.split("\n")).not.toContain("/etc/left-behind");
    expect(second.leads.split("\n").at(-1)).toBe("0");
  });

  it("keeps its journal over a reboot", () => {
    expect(second.journals).toBe("2");
  });

  it("keeps nothing over a reboot but what is in /var", () => {
    expect(first.left.split("\n")).toEqual(Object.keys(places));
    expect(second.left.split("\n")).toEqual(Object.keys(places).filter((place) => places[place]?.persists));
  });

  it("mounts nothing of a disk writable but /var and the boot loader's own partition", () => {
    const writable = first.mounts.filter(({ isWritable, type }) => isWritable && type !== "vfat");
    expect([...new Set(writable.map(({ target }) => target))]).toEqual(["/var"]);
  });

  it("has /root, /home, /srv and /mnt in /var", () => {
    expect(second.leads.split("\n").slice(0, 4)).toEqual(["/var/roothome", "/var/home", "/var/srv", "/var/mnt"]);
  });

  it("keeps its machine id over a reboot, without an SMBIOS UUID, and with a changed one", () => {
    const { machineId } = first;
    expect(machineId).toMatch(/^[0-9a-f]{32}$/);
    expect(machineId).not.toBe(changedUuid.replaceAll("-", ""));
    expect([second, withoutUuid, withChangedUuid].map((boot) => boot.machineId)).toEqual(Array(3).fill(machineId));
  });

  it("offers no login where no credential asks for one", () => {
    expect(first.logins).toBe("");
    expect(first.console).not.toMatch(/login:|[Pp]assword|[#$] $/);
  });

  it("powers off cleanly, when told to and by the power button", () => {
    expect(ends).toMatchObject({ poweroff: "poweroff", button: "poweroff" });
    for (const { exitCode, output } of [checks.poweroff, checks.button]) {
      expect(output).not.toMatch(/journal recovery|not cleanly/);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    }
  });

  it("reboots cleanly", () => {
    expect(ends.reboot).toBe("reset");
    expect(checks.reboot.output).not.toMatch(/journal recovery|not cleanly/);
    expect(checks.reboot).toMatchObject({ exitCode: 0 });
    for (const { journalRecovered } of [second, withoutUuid, withChangedUuid]) expect(journalRecovered).toBe("");
  });
});

describe("the disk, after its first boot", () => {
  it("has room for GRUB, an ESP, slot A, an empty slot B and /var", async () => {
    const { name, version, layout } = testedImage;
    const table = (await partitionsOf(disk)).map((partition) => ({ type: partition.type, name: partition.name }));
    expect(table).toEqual([
      { type: "bios-boot", name: "bios-boot" },
      { type: "esp", name: "esp" },
      { type: "root", name: `${name}_${version}` },
      { type: "root-verity", name: `${name}_${version}` },
      { type: "root", name: "_empty" },
      { type: "root-verity", name: "_empty" },
      { type: "var", name: "var" },
    ]);
    const sizes = (await partitionsOf(disk)).map(({ size }) => size / mebibyte);
    const { esp, root, verity } = layout;
    expect(sizes.slice(0, 6)).toEqual([1, esp, root, verity, root, verity]);
    // The rest of the disk, but for the two tables and the alignment.
    const rest = 4096 - 1 - esp - 2 * (root + verity);
    expect(sizes[6]).toBeGreaterThan(rest - 4);
  });

  it("has partitions of slot A that are named by the root hash", async () => {
    const hash = (await readFile(join(await stepOutput("verity"), "roothash"), "utf8")).trim();
    const uuids = [await partitionOf(disk, "root"), await partitionOf(disk, "root-verity")].map(({ uuid }) => uuid);
    expect(uuids.map((uuid) => uuid.replaceAll("-", ""))).toEqual([hash.slice(0, 32), hash.slice(32)]);
  });

  it("has no two partitions with the same UUID", async () => {
    const uuids = (await partitionsOf(disk)).map(({ uuid }) => uuid);
    expect(new Set(uuids).size).toBe(uuids.length);
  });
});
