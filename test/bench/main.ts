/**
 * `make bench`: measures our system and a minimal Debian, and fills the tables of docs/benchmarks.md. After `npm run bench --`:
 * `--clone` times the way from a clone and a cache to a VM, and nothing else; `--cold` builds everything once more, `--icount` boots by counted instructions, `--update-peer` pins Debian's packages anew.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, projectRoot, writeFileAtomic } from "../../src/base/mod.ts";
import { measureBoots } from "./boot.ts";
import { measureClone } from "./clone.ts";
import { measureCold } from "./cold.ts";
import { componentsTable, stepTimings, writeBuildTimes } from "./components.ts";
import { type Figure, type Measured, withUnit } from "./figure.ts";
import { machineLine } from "./machine.ts";
import { needs } from "./needs.ts";
import { figuresTable, fillSection } from "./page.ts";
import { makePeerDisk, updatePeer } from "./peer-disk.ts";
import { sizes } from "./sizes.ts";
import { benchFolder, timings } from "./timings.ts";

const has = (option: string): boolean => process.argv.includes(option);

/** One failure must not cost what takes an hour to measure: it is told, and the rest goes on. */
async function attempt<Result>(what: string, act: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await act();
  } catch (error) {
    console.error(`${what}: failed: ${messageOf(error)}`);
    process.exitCode = 1;
    return undefined;
  }
}

async function measureEach(figures: readonly Figure[]): Promise<Measured[]> {
  const rows: Measured[] = [];
  for (const { what, unit, reach, measure } of figures) {
    const value = await attempt(what, measure);
    if (value === undefined) continue;
    rows.push({ what, unit, reach, value });
    console.log(`${what}: ${withUnit(value, unit)}`);
  }
  return rows;
}

/** A section of the page is written as soon as it is known, and stays as it was where it can't be. */
async function fill(name: string, content: string): Promise<void> {
  const page = join(projectRoot, "docs/benchmarks.md");
  await writeFileAtomic(page, fillSection(readFileSync(page, "utf8"), name, content));
  console.log(`Written to docs/benchmarks.md: ${name}`);
}

function measuredNow(rows: readonly Measured[], means = ""): string {
  return `${machineLine(new Date())}${means}\n\n${figuresTable(rows)}`;
}

async function measureAll(): Promise<void> {
  if (has("--update-peer")) await updatePeer();
  await fill("figures", measuredNow(await measureEach([...timings, ...sizes, ...needs])));
  await attempt("boots", async () => {
    const { means, rows } = await measureBoots({ icount: has("--icount"), peer: await makePeerDisk() });
    await fill("boots", measuredNow(rows, `, ${means}`));
  });
  if (has("--cold")) await attempt("from nothing", async () => fill("cold", measuredNow(await measureCold())));
  const steps = await stepTimings();
  await fill("components", componentsTable(steps));
  await writeBuildTimes(steps);
}

mkdirSync(benchFolder, { recursive: true });
if (has("--clone")) await attempt("from a clone", async () => fill("clone", measuredNow(await measureClone())));
else await measureAll();
