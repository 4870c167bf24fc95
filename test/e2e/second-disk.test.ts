import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256OfFile } from "../../src/base/mod.ts";
import { copySparseFile } from "../../src/formats/mod.ts";
import type { Vm } from "../../src/vm/mod.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, diskMounts, isUp, reboot, runLast, systemState } from "./support/boot.ts";

interface Boot {
  state: string;
  failed: string;
  /** Serials of the disks that mounts and the verified root end up on. */
  disks: string[];
  marker: string;
}

/** The serial of the disk under each mount: partitions and device-mapper devices lead down to it in sysfs. */
async function look(vm: Vm): Promise<Boot> {
  const { state, failed } = await systemState(vm);
  // The ESP is an automount: looking at it mounts it.
  await ask(vm, "ls /efi /boot > /dev/null 2>&1 || true");
  const sources = [...new Set((await diskMounts(vm)).map(({ source }) => source))];
  const serials = await ask(
    vm,
    `disk_of() {
  path=$(readlink -f /sys/class/block/$1)
  if [ -d $path/dm ]; then for slave in $path/slaves/*; do disk_of \${slave##*/}; done
  elif [ -e $path/partition ]; then cat $path/../serial; echo
  else cat $path/serial; echo; fi
}
for source in ${sources.join(" ")}; do node=$(readlink -f $source); disk_of \${node##*/}; done`,
  );
  const marker = await ask(vm, "cat /var/marker 2> /dev/null || echo none");
  return { state, failed, disks: [...new Set(serials.split("\n").filter(Boolean))].sort(), marker };
}

/** The firmware tries disks by their index; what is set here counts from the next reset on. */
async function bootLast(vm: Vm, serial: string): Promise<void> {
  const all = (await vm.qmp.execute("qom-list", { path: "/machine/peripheral-anon" })) as {
    name: string;
    type: string;
  }[];
  for (const { name } of all.filter((item) => item.type === "child<virtio-blk-pci>")) {
    const path = `/machine/peripheral-anon/${name}`;
    if ((await vm.qmp.execute("qom-get", { path, property: "serial" })) !== serial) continue;
    await vm.qmp.execute("qom-set", { path, property: "bootindex", value: 99 });
    return;
  }
  throw new Error(`QEMU has no disk with the serial "${serial}" among ${all.map(({ type }) => type).join(", ")}`);
}

let untouched: { before: string; after: string };
let fresh: Boot;
let fromFirst: Boot;
let fromSecond: Boot;

beforeAll(async () => {
  const folder = await freshFolder("second-disk");
  const one = await freshDisk(join(folder, "one.raw"));
  const other = join(folder, "other.raw");
  await copySparseFile(one, other);
  const disks = [
    { path: one, format: "raw" as const, serial: "one" },
    { path: other, format: "raw" as const, serial: "other" },
  ];
  const before = await sha256OfFile(other);
  {
    await using vm = await boot("second-disk-fresh", { disks });
    fresh = await look(vm);
    runLast(vm, "systemctl poweroff");
    await vm.waitForExit({ seconds: 60 });
  }
  untouched = { before, after: await sha256OfFile(other) };
  // Now with the same /var, the same machine id and the same UUIDs throughout.
  await copySparseFile(one, other);
  await using vm = await boot("second-disk-used", { disks });
  await isUp(vm);
  fromFirst = await look(vm);
  await ask(vm, "echo one > /var/marker && sync");
  await bootLast(vm, "one");
  await reboot(vm);
  fromSecond = await look(vm);
  runLast(vm, "systemctl poweroff");
  await vm.waitForExit({ seconds: 60 });
}, 900_000);

describe("a second disk with the same image", () => {
  it("is not touched when the first is started, not even where partitions are to be made", () => {
    expect(fresh).toMatchObject({ state: "running", failed: "", disks: ["one"] });
    expect(untouched.after).toBe(untouched.before);
  });

  it("does not confuse a system that is started from the first, though it is equal byte by byte", () => {
    expect(fromFirst).toEqual({ state: "running", failed: "", disks: ["one"], marker: "none" });
  });

  it("is what runs, alone, when the firmware starts it", () => {
    expect(fromSecond).toEqual({ state: "running", failed: "", disks: ["other"], marker: "none" });
  });
});
