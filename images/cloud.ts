import bootDisk from "../recipes/boot-disk/recipe.ts";
import busybox from "../recipes/busybox/recipe.ts";
import cryptsetup from "../recipes/cryptsetup/recipe.ts";
import dbus from "../recipes/dbus/recipe.ts";
import e2fsprogs from "../recipes/e2fsprogs/recipe.ts";
import kmod from "../recipes/kmod/recipe.ts";
import linux from "../recipes/linux/recipe.ts";
import lvm2 from "../recipes/lvm2/recipe.ts";
import musl from "../recipes/musl/recipe.ts";
import systemd from "../recipes/systemd/recipe.ts";
import utilLinux from "../recipes/util-linux/recipe.ts";
import { diskCommandLine, image, liveCommandLine, serialConsole } from "../src/rootfs/mod.ts";

const serialPort = serialConsole.x86_64 ?? [];

export default image({
  name: "cloud",
  summary: "Virtual machines: virtio and the clouds' devices, no firmware",
  version: "0.1.0",
  components: [bootDisk, busybox, cryptsetup, dbus, e2fsprogs, kmod, lvm2, musl, systemd, utilLinux],
  kernel: linux,
  commandLine: [...diskCommandLine, ...serialPort],
  liveCommandLine: [...liveCommandLine, ...serialPort],
  layout: { esp: 512, root: 256, verity: 8 },
  bootTries: 3,
});
