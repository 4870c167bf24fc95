import linuxEdge from "../recipes/linux/edge.ts";
import openIscsi from "../recipes/open-iscsi/recipe.ts";
import { image } from "../src/rootfs/mod.ts";
import cloud from "./cloud.ts";

/** Nobody is near to press a button: where the board has a watchdog, PID 1 keeps it from resetting the machine. */
const watchdog = "systemd.watchdog_sec=1min";

/** `cloud` on other hardware. The kernel's modules have to be signed: see docs/kernel.md. */
export default image({
  name: "edge",
  summary: "Physical machines: SATA, USB, a screen, common network cards; drivers as signed modules",
  version: cloud.version,
  components: [...cloud.components, openIscsi],
  kernel: linuxEdge,
  commandLine: [...cloud.commandLine, watchdog],
  liveCommandLine: [...cloud.liveCommandLine, watchdog],
  layout: { ...cloud.layout, root: 384 },
  bootTries: cloud.bootTries,
});
