import { kernel } from "./kernel.ts";

export default kernel({
  name: "linux",
  summary: "Kernel for cloud machines and virtual machines",
  configuration: ["cloud"],
});
