import cloud from "../../../images/cloud.ts";
import grub from "../../../recipes/grub/recipe.ts";
import { image } from "../../../src/rootfs/mod.ts";

/** What slot B holds: the next release of `cloud`, with what blesses a boot on the node. */
export const update = image({
  name: "update",
  summary: "The cloud image with grub-editenv, as an update",
  version: "0.1.1",
  components: [...cloud.components, grub],
  kernel: cloud.kernel,
  commandLine: cloud.commandLine,
  liveCommandLine: cloud.liveCommandLine,
  layout: cloud.layout,
  bootTries: cloud.bootTries,
});
