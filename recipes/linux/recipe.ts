import { kernel } from "./kernel.ts";

/** `source: "linux-stable"` makes this the newest stable kernel, `btf: true` adds type information: one line each. */
export default kernel({
  name: "linux",
  summary: "Kernel for cloud machines and virtual machines",
  configuration: "cloud",
  source: "linux",
  btf: false,
});
