/**
 * `make ddc`: the same images with a second toolbox, whose compilers and build systems are a Debian release older (second-toolbox.ts);
 * compared with what the store of this machine has, which is built first where it lacks something. Compilers built by two
 * compilers differ, so every step runs again, and what they make is compared, not they. It can be interrupted: the next run goes on.
 * After `npm run ddc --`: `--update` pins the older packages anew, `--fresh` forgets earlier runs, `--folder DIR` names another place.
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cacheRoot } from "../../src/base/mod.ts";
import { openProject, type Project } from "../../src/cli/project.ts";
import { openWorkshop } from "../../src/cli/workshop.ts";
import { type BuildOptions, type BuiltStep, buildSteps, openStore } from "../../src/engine/mod.ts";
import { artifactSteps } from "../../src/image/mod.ts";
import { openRenderer } from "../../src/report/mod.ts";
import { signedByTestKey } from "../module-key.ts";
import { artifactsOf } from "../reproducible/artifacts-of.ts";
import { compareAll } from "../reproducible/compare-builds.ts";
import { describeResult } from "../reproducible/describe-differences.ts";
import { plainInput, scriptedContext } from "../scripted-context.ts";
import { runWhole } from "../whole-run.ts";
import { adaptGraph } from "./adapt.ts";
import { explain } from "./exceptions.ts";
import { recordShipped } from "./record.ts";
import { ensureSecondToolbox, updateSecondToolbox } from "./second-toolbox.ts";
import { shippedSteps, summarize } from "./shipped.ts";

const { values } = parseArgs({
  options: {
    update: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    folder: { type: "string", default: `${cacheRoot()}-ddc` },
  },
});
const folder = resolve(values.folder);
const place = (name: string): string => join(folder, name);
/** Both builds sign the modules of a kernel by it: a signature is the same each time that it is made. */
const moduleKey = { path: place("TEST-KEY.pem"), subject: "Hadron TEST key, made by make ddc" };

async function build(
  project: Project,
  steps: readonly string[],
  options: BuildOptions,
): Promise<Map<string, BuiltStep>> {
  await using signed = await signedByTestKey(project, steps, moduleKey, options);
  return await buildSteps(signed.graph, steps, options);
}

/** With the second toolbox, into a store of its own. What is built elsewhere was built with the first one. */
async function buildSecond(
  project: Project,
  steps: readonly string[],
  first: BuildOptions,
): Promise<Map<string, BuiltStep>> {
  const { path, digest } = await ensureSecondToolbox({ cacheRoot: cacheRoot(), emit: first.emit });
  const { bubblewrap } = first.toolbox;
  const { caches: _caches, ...options } = first;
  const store = await openStore(place("store"));
  return build({ ...project, graph: adaptGraph(project.graph) }, steps, {
    ...options,
    store,
    toolbox: { digest, root: path, bubblewrap },
  });
}

/** @returns the exit status */
async function compare(): Promise<number> {
  using renderer = openRenderer(process.stderr, "plain");
  const context = scriptedContext(renderer.emit);
  const project = await openProject("x86_64", context, { images: "all" });
  const shipped = shippedSteps(project);
  const steps = [...new Set([...shipped, ...project.images.flatMap(artifactSteps)])];
  await using workshop = await openWorkshop(project, plainInput(), context);
  await workshop.options.prepare();
  console.log(`First build: ${context.cacheRoot}`);
  const first = await build(project, steps, workshop.options);
  console.log(`Second build, with the second toolbox: ${folder}`);
  const second = await buildSecond(project, steps, workshop.options);
  const result = await compareAll(
    { steps: first, artifacts: await artifactsOf(project.images, first, place("first")) },
    { steps: second, artifacts: await artifactsOf(project.images, second, place("second")) },
    shipped,
  );
  process.stdout.write(describeResult(result));
  const summary = await summarize(result);
  await recordShipped(summary);
  const { unexplained } = explain(summary);
  console.log(
    `${summary.files - summary.differing.length} of ${summary.files} shipped files and ${
      summary.otherCount - summary.others.length
    } of ${summary.otherCount} kernels and artifacts are bit-identical`,
  );
  console.log("Written to README.md");
  const without = [...unexplained.files, ...unexplained.others];
  for (const name of without) console.log(`Not explained: ${name}`);
  return without.length === 0 ? 0 : 1;
}

await runWhole({ folder, isFresh: values.fresh, passing: ["first", "second"] }, async () => {
  if (values.update) await updateSecondToolbox();
  return compare();
});
