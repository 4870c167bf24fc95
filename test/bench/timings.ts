import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { projectRoot } from "../../src/base/mod.ts";
import { secondsOf } from "./command.ts";
import { type Figure, median } from "./figure.ts";

/** Everything that is written by a measurement lies here. */
export const benchFolder: string = join(projectRoot, "out/bench");

const toDisk = (...more: string[]) => [
  ...["./hadron", "image", "cloud", "--as", "disk", "--output", join(benchFolder, "cloud.raw")],
  ...more,
];

/** How long commands take on a machine whose store has everything. */
export const timings: Figure[] = [
  {
    what: "`hadron --help`",
    unit: "s",
    reach: 0.2,
    measure: () => median(11, () => secondsOf(["./hadron", "--help"])),
  },
  {
    what: "a build with nothing to do",
    unit: "s",
    reach: 1,
    measure: async () => {
      await secondsOf(["./hadron", "build"]);
      return median(3, () => secondsOf(["./hadron", "build"]));
    },
  },
  {
    what: "a disk put together from parts in the store",
    unit: "s",
    reach: 20,
    measure: async () => {
      await secondsOf(toDisk());
      return median(3, () => secondsOf(toDisk("--cache", "no")));
    },
  },
  { what: "one changed line in busybox → a new disk", unit: "s", reach: 60, measure: secondsOfBusyboxChange },
  { what: "unit tests", unit: "s", reach: 20, measure: () => secondsOf(["npm", "run", "--silent", "unit"]) },
];

/** In a copy of the checkout, with a change that no earlier run made, so that the store cannot have the result. */
async function secondsOfBusyboxChange(): Promise<number> {
  await secondsOf(toDisk());
  const copy = join(tmpdir(), `hadron-bench-${process.pid}`);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  cpSync(projectRoot, copy, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !["node_modules", "out", ".git"].includes(basename(path)) || path === copy,
  });
  symlinkSync(join(projectRoot, "node_modules"), join(copy, "node_modules"));
  const recipe = join(copy, "recipes/busybox/recipe.ts");
  const before = readFileSync(recipe, "utf8");
  const change = `sed -i 's/Usage: /Usage (${process.pid}.${Date.now()}): /' libbb/appletlib.c`;
  const after = before.replace("build: shell(`", `build: shell(\`${change}\n`);
  if (after === before) throw new Error("The recipe of busybox does not begin its build as expected");
  writeFileSync(recipe, after);
  const seconds = await secondsOf(toDisk(), { directory: copy });
  rmSync(copy, { recursive: true, force: true });
  return seconds;
}
