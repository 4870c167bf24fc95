/**
 * `make test-docker`: every component with its test, and all images but `edge`, by Docker alone and from nothing but sources; compared with
 * what the store of this machine has, which is built first where it lacks something. It takes root, as all that asks an
 * engine. It can be interrupted: BuildKit's own cache is kept, and the next run goes on. The result is written to docs/docker.md.
 * After `npm run test-docker --`: `--only STEP` (several times) does a part, `--fresh` forgets earlier runs, `--folder DIR` names another place.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cacheRoot, HadronError } from "../../src/base/mod.ts";
import type { Context } from "../../src/cli/command.ts";
import { findBuilt, openProject, type Project } from "../../src/cli/project.ts";
import { stepsOf } from "../../src/cli/steps-of.ts";
import { openWorkshop } from "../../src/cli/workshop.ts";
import { type BuiltStep, buildSteps, closure } from "../../src/engine/mod.ts";
import { artifactSteps } from "../../src/image/mod.ts";
import { openRenderer } from "../../src/report/mod.ts";
import { containerJudge, startDockerd } from "../e2e/support/container-judge.ts";
import { prepareCache, prepareProgram, useProgram } from "../e2e/support/docker-program.ts";
import { artifactsOf } from "../reproducible/artifacts-of.ts";
import { compareAll } from "../reproducible/compare-builds.ts";
import { tellResult } from "../reproducible/record-result.ts";
import { plainInput, scriptedContext } from "../scripted-context.ts";
import { runWhole } from "../whole-run.ts";
import { recordDocker } from "./record.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    fresh: { type: "boolean", default: false },
    folder: { type: "string", default: `${cacheRoot()}-docker` },
  },
});
const folder = resolve(values.folder);
const isWhole = values.only.length === 0;
/** Its modules are signed by a key, which `docker/build` is not given. */
const leftOut = "edge";

async function buildFirst(project: Project, steps: readonly string[], context: Context): Promise<void> {
  await using workshop = await openWorkshop(project, plainInput(), context);
  await buildSteps(project.graph, steps, workshop.options);
}

/** What lies in a store. */
async function lookInto(project: Project, steps: readonly string[], context: Context): Promise<Map<string, BuiltStep>> {
  const { store, built } = await findBuilt(project, steps, context);
  return new Map([...built].map(([id, result]) => [id, { ...result, path: store.objectPath(result.output) }]));
}

/** One call after the other: what comes out of the first is handed over to the next. @returns the exit status */
async function buildByDocker(calls: readonly (readonly string[])[]): Promise<number> {
  const script = `${startDockerd()}
${useProgram}
${calls.map((words) => `docker/build ${words.join(" ")}`).join("\n")}`;
  return (await containerJudge(folder, script, { terminal: "inherit" })).exitCode;
}

/** Before the sandbox builds what it lacks. */
function assertRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new HadronError("An engine is started here, which takes root", {
    kind: "host",
    code: "ROOT_NEEDED",
    hint: "sudo make test-docker, with root's own cache. As an ordinary user, whose Docker is there already: docs/docker.md, The same bytes",
  });
}

/** @returns the exit status */
async function compare(): Promise<number> {
  assertRoot();
  using renderer = openRenderer(process.stderr, "plain");
  const context = scriptedContext(renderer.emit);
  const project = await openProject("x86_64", context, { images: "all" });
  const components = stepsOf([], await openProject("x86_64", context), { withTests: true });
  const images = isWhole ? project.images.filter(({ name }) => name !== leftOut) : [];
  const ofImages = images.flatMap(artifactSteps);
  const wanted = isWhole ? [...components, ...ofImages] : stepsOf(values.only, project, { withTests: true });
  const steps = [...closure(project.graph, wanted).keys()];
  console.log(`By the sandbox: ${steps.length} steps in ${context.cacheRoot}`);
  await buildFirst(project, steps, context);

  console.log(`By Docker: the same from nothing in ${folder}`);
  await prepareCache(join(folder, "cache"), project, { wanted });
  await prepareProgram(folder);
  const status = await buildByDocker(isWhole ? [[], ofImages] : [values.only]);
  if (status !== 0) {
    console.log("What was finished is kept: the same command goes on");
    return status;
  }
  const [first, second] = [
    await lookInto(project, steps, context),
    await lookInto(project, steps, { ...context, cacheRoot: join(folder, "cache") }),
  ];
  const result = await compareAll(
    { steps: first, artifacts: await artifactsOf(images, first, join(folder, "first")) },
    { steps: second, artifacts: await artifactsOf(images, second, join(folder, "second")) },
    steps,
  );
  return tellResult(result, isWhole ? recordDocker : undefined);
}

await runWhole({ folder, isFresh: values.fresh, passing: ["first", "second", "program"] }, compare);
