/**
 * `make bench`: measures our system and a minimal Debian, and fills the tables of docs/benchmarks.md. After `npm run bench --`:
 * `--cold` builds everything once more, `--icount` boots by counted instructions, `--update-peer` pins Debian's packages anew.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, writeFileAtomic } from "../../src/base/mod.ts";
import { measureBoots } from "./boot.ts";
import { measureCold } from "./cold.ts";
import { componentsTable, stepTimings, writeBuildTimes } from "./components.ts";
import { type Measured, withUnit } from "./figure.ts";
import { machineLine } from "./machine.ts";
import { needs } from "./needs.ts";
import { figuresTable, fillSection } from "./page.ts";
import { makePeerDisk, updatePeer } from "./peer-disk.ts";
import { sizes } from "./sizes.ts";
import { benchFolder, timings } from "./timings.ts";

const measured: Measured[] = [];

function note(row: Measured): void {
  measured.push(row);
  console.log(`${row.what}: ${withUnit(row.value, row.unit)}`);
}

const has = (option: string): boolean => process.argv.includes(option);

mkdirSync(benchFolder, { recursive: true });
if (has("--update-peer")) await updatePeer();
for (const { what, unit, reach, measure } of [...timings, ...sizes, ...needs])
  note({ what, unit, reach, value: await measure() });
for (const row of await measureBoots({ icount: has("--icount"), peer: await makePeerDisk() })) note(row);
if (has("--cold")) for (const row of await measureCold()) note(row);

const page = join(projectRoot, "docs/benchmarks.md");
const sections: [name: string, content: string][] = [
  ["machine", machineLine(new Date())],
  ["figures", figuresTable(measured)],
  ["components", componentsTable(stepTimings())],
];
await writeFileAtomic(
  page,
  sections.reduce((text, [name, content]) => fillSection(text, name, content), readFileSync(page, "utf8")),
);
await writeBuildTimes(stepTimings());
console.log("Written to docs/benchmarks.md");
