/**
 * `make verify-reproducible`: every step from nothing once more, elsewhere, and every artifact; compared with what the store of this
 * machine has, which is built first where it lacks something. It can be interrupted: what was finished is kept, and the next
 * run goes on. The result is written to docs/reproducible.md. After `npm run verify-reproducible --`: `--only STEP` (several
 * times) does a part, `--fresh` forgets what earlier runs finished, `--folder DIR` names another place.
 */
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cacheRoot } from "../../src/base/mod.ts";
import type { Context } from "../../src/cli/command.ts";
import type { Project } from "../../src/cli/project.ts";
import { openWorkshop } from "../../src/cli/workshop.ts";
import { buildSteps, closure } from "../../src/engine/mod.ts";
import { openRenderer, renderErrorReport } from "../../src/report/mod.ts";
import { signedByTestKey } from "../module-key.ts";
import { plainInput, scriptedContext } from "../scripted-context.ts";
import { runWhole } from "../whole-run.ts";
import { artifactsOf } from "./artifacts-of.ts";
import { compareAll } from "./compare-builds.ts";
import { toolboxElsewhere } from "./elsewhere.ts";
import { rebuild } from "./rebuild.ts";
import { recordResult, tellResult } from "./record-result.ts";
import { openWhole } from "./whole.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    fresh: { type: "boolean", default: false },
    folder: { type: "string", default: `${cacheRoot()}-again` },
  },
});
const folder = resolve(values.folder);
const place = (name: string): string => join(folder, name);
/** Both builds sign the modules of a kernel by it: a signature is the same each time that it is made. */
const moduleKey = { path: place("TEST-KEY.pem"), subject: "Hadron TEST key, made by make verify-reproducible" };

/** What the store has, and what it lacks is built. The lock is given back before the second build wants it. */
async function buildFirst(project: Project, steps: readonly string[], context: Context) {
  await using workshop = await openWorkshop(project, plainInput(), context);
  await workshop.options.prepare();
  await using signed = await signedByTestKey(project, steps, moduleKey, workshop.options);
  const built = await buildSteps(signed.graph, steps, workshop.options);
  return { built, toolbox: workshop.options.toolbox };
}

/** @returns the exit status */
async function verify(): Promise<number> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "hadron-whole-"));
  using renderer = openRenderer(process.stderr, "plain");
  const context = scriptedContext(renderer.emit);
  const project = await openWhole(context, scratch.path);
  const isWhole = values.only.length === 0;
  const steps = isWhole ? [...project.graph.steps.keys()] : [...closure(project.graph, values.only).keys()];

  console.log(`First build: ${steps.length} steps in ${context.cacheRoot}`);
  const first = await buildFirst(project, steps, context);
  console.log(`Second build: the same from nothing in ${folder}`);
  const second = await rebuild(
    {
      root: place("store"),
      first: context.cacheRoot,
      toolbox: await toolboxElsewhere(first.toolbox, place("toolbox")),
      steps,
      how: "from nothing",
      moduleKey,
      ...(isWhole ? { artifacts: place("second") } : {}),
    },
    context.emit,
  );
  if (second.error) {
    process.stderr.write(renderErrorReport(second.error));
    console.log("What was finished is kept: the same command goes on");
    return second.error.exitStatus;
  }
  const artifacts = isWhole ? await artifactsOf(project.images, first.built, place("first")) : new Map();
  const result = await compareAll(
    { steps: first.built, artifacts },
    { steps: new Map(Object.entries(second.built)), artifacts: new Map(Object.entries(second.artifacts)) },
    steps,
  );
  return tellResult(result, isWhole ? recordResult : undefined);
}

await runWhole({ folder, isFresh: values.fresh, passing: ["first", "second", "toolbox"] }, verify);
