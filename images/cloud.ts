import bootDisk from "../recipes/boot-disk/recipe.ts";
import busybox from "../recipes/busybox/recipe.ts";
import caCertificates from "../recipes/ca-certificates/recipe.ts";
import crun from "../recipes/crun/recipe.ts";
import cryptsetup from "../recipes/cryptsetup/recipe.ts";
import curl from "../recipes/curl/recipe.ts";
import dbus from "../recipes/dbus/recipe.ts";
import dosfstools from "../recipes/dosfstools/recipe.ts";
import e2fsprogs from "../recipes/e2fsprogs/recipe.ts";
import iproute2 from "../recipes/iproute2/recipe.ts";
import iptables from "../recipes/iptables/recipe.ts";
import kmod from "../recipes/kmod/recipe.ts";
import linux from "../recipes/linux/recipe.ts";
import lvm2 from "../recipes/lvm2/recipe.ts";
import musl from "../recipes/musl/recipe.ts";
import openssh from "../recipes/openssh/recipe.ts";
import systemd from "../recipes/systemd/recipe.ts";
import tzdata from "../recipes/tzdata/recipe.ts";
import utilLinux from "../recipes/util-linux/recipe.ts";
import { diskCommandLine, image, liveCommandLine, serialConsole } from "../src/rootfs/mod.ts";

const serialPort = serialConsole.x86_64 ?? [];

/** Drivers that are built in would otherwise make network interfaces that nobody asked for. */
const noInterfaces = ["dummy.numdummies=0", "ifb.numifbs=0", "fb_tunnels=none"];

export default image({
  name: "cloud",
  summary: "Virtual machines: virtio and the clouds' devices, no firmware",
  version: "0.1.0",
  components: [
    ...[musl, busybox, utilLinux, systemd, dbus, kmod],
    ...[bootDisk, cryptsetup, dosfstools, e2fsprogs, lvm2],
    ...[caCertificates, curl, iproute2, iptables, openssh],
    ...[crun, tzdata],
  ],
  kernel: linux,
  commandLine: [...diskCommandLine, ...noInterfaces, ...serialPort],
  liveCommandLine: [...liveCommandLine, ...noInterfaces, ...serialPort],
  layout: { esp: 512, root: 256, verity: 8 },
  bootTries: 3,
});
