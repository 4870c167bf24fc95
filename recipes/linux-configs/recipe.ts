import { recipe } from "../../src/recipe/mod.ts";
import type { Configured } from "../linux/configuration/configuration.ts";
import { kernelConfiguration } from "../linux/configuration/configuration.ts";

/** What is offered, so that a fragment which takes in one kernel only fails here, in seconds, and not in an hour's build. */
const offered: Configured[] = (["linux", "linux-stable"] as const).flatMap((source): Configured[] => [
  { source, configuration: "cloud" },
  { source, configuration: "edge", btf: true },
]);

export default recipe({
  name: "linux-configs",
  summary: "Every kernel configuration, checked against every kernel source",
  sources: [],
  needs: { trees: offered.map(kernelConfiguration) },
  build: () => `for tree in /needs/*/; do cp "$tree/config" "/out/$(basename "$tree")"; done\n`,
  test: () => `cd /sysroot
for config in linux*-config; do echo "$config: $(grep -c '=y$' $config) built in, $(grep -c '=m$' $config || true) modules"; done
[ $(ls -d linux*-config | wc -l) = ${offered.length} ]
`,
});
