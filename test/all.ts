/**
 * `make test`: the gate with the unit tests, everything from source, the artifacts, the boots in a VM. Stops at the
 * first stage that fails, and ends with the true totals alone on a line.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../src/base/mod.ts";
import { rootNeeded } from "./root-needed.ts";
import { printTotals } from "./totals.ts";

const reports = join(projectRoot, "out/test");
const unitReport = join(reports, "unit.json");
const e2eReport = join(reports, "e2e.json");

/** What the gate needs; other sets are fetched by the targets that use them. */
const setsOfTests = ["build", "containers", "judges", "sandbox", "signing", "vm"];

const stages: { name: string; command: string[] }[] = [
  { name: "gate", command: ["npm", "run", "ok", "--", ...reporters("default", unitReport)] },
  // All that comes from outside, once; after this nothing needs the network, and `--offline` proves it.
  { name: "sources", command: ["./hadron", "sources", "fetch"] },
  { name: "toolbox", command: ["./hadron", "toolbox", "fetch", ...setsOfTests.flatMap((set) => ["--set", set])] },
  { name: "build", command: ["./hadron", "build", "--offline"] },
  { name: "disk", command: ["./hadron", "image", "cloud", "--as", "disk", "--offline", "--output", "out/cloud.raw"] },
  { name: "iso", command: ["./hadron", "image", "cloud", "--as", "iso", "--offline", "--output", "out/cloud.iso"] },
  { name: "e2e", command: ["npm", "run", "e2e", "--", ...reporters("verbose", e2eReport)] },
];

function reporters(forReader: string, jsonFile: string): string[] {
  return [`--reporter=${forReader}`, "--reporter=json", `--outputFile.json=${jsonFile}`];
}

// Now, and not after an hour of compiling.
const refusal = rootNeeded(process.getuid?.());
if (refusal !== undefined) {
  console.error(refusal);
  process.exit(1);
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

let failedStage: string | undefined;
for (const { name, command } of stages) {
  console.log(`== ${name}: ${command.join(" ")}`);
  const started = performance.now();
  const [program = "", ...args] = command;
  const { status, error } = spawnSync(program, args, { cwd: projectRoot, stdio: "inherit" });
  console.log(
    `== ${name}: ${status === 0 ? "done" : "failed"} after ${Math.round((performance.now() - started) / 1000)} s`,
  );
  if (error) console.log(String(error));
  if (status === 0) continue;
  failedStage = name;
  break;
}

if (failedStage) console.log(`== stopped at ${failedStage}`);
const isProven = printTotals([unitReport, e2eReport]);
process.exitCode = failedStage === undefined && isProven ? 0 : 1;
