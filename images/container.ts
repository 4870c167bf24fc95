import busybox from "../recipes/busybox/recipe.ts";
import caCertificates from "../recipes/ca-certificates/recipe.ts";
import dbus from "../recipes/dbus/recipe.ts";
import kmod from "../recipes/kmod/recipe.ts";
import musl from "../recipes/musl/recipe.ts";
import systemd from "../recipes/systemd/recipe.ts";
import utilLinux from "../recipes/util-linux/recipe.ts";
import { image } from "../src/rootfs/mod.ts";

/** No kernel, no command line, no partitions: `--as oci` and its like only. */
export default image({
  name: "container",
  summary: "Containers: a shell, its tools, and systemd where it is to be PID 1",
  version: "0.1.0",
  components: [busybox, caCertificates, dbus, kmod, musl, systemd, utilLinux],
});
