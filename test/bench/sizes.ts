import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../src/base/mod.ts";
import type { StepResult } from "../../src/engine/mod.ts";
import { type Budget, imageBudgets } from "../budgets.ts";
import { runCommand } from "./command.ts";
import type { Figure } from "./figure.ts";
import { type ImageTrees, imageFigures } from "./image-figures.ts";
import { benchFolder } from "./timings.ts";

/** How large the parts of the `cloud` image are, as the store has them from the last build. */
export const sizes: Figure[] = [
  ...Object.entries<Budget>(imageBudgets).map(([name, { what, unit, limit, reach = limit }]) => ({
    what,
    unit,
    // A limit of things that are counted is only there to be noticed.
    ...(unit === "MB" ? { reach } : {}),
    measure: async () => imageFigures[name as keyof typeof imageBudgets](builtTrees()),
  })),
  {
    what: "live ISO",
    unit: "MB",
    measure: async () => {
      const iso = join(benchFolder, "cloud.iso");
      runCommand(["./hadron", "image", "cloud", "--as", "iso", "--output", iso]);
      return statSync(iso).size / 1e6;
    },
  },
];

function builtTrees(): ImageTrees {
  return {
    root: outputOf("cloud:root"),
    verity: outputOf("cloud:verity"),
    uki: outputOf("cloud:uki"),
    kernel: outputOf("linux"),
  };
}

/** The output tree of a step that was used last. */
function outputOf(step: string): string {
  const results = join(cacheRoot(), "results");
  const [newest] = readdirSync(results)
    .map((name) => join(results, name))
    .map((path) => ({ used: statSync(path).mtimeMs, result: JSON.parse(readFileSync(path, "utf8")) as StepResult }))
    .filter(({ result }) => result.step === step)
    .sort((a, b) => b.used - a.used);
  if (!newest) throw new Error(`The store has no output of "${step}"; build the image first`);
  return join(cacheRoot(), "objects", newest.result.output);
}
