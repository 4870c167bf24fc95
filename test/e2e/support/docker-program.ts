import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheRoot, projectRoot, runProcess, silent } from "../../../src/base/mod.ts";
import { findBuilt, type Project } from "../../../src/cli/project.ts";
import { sourcesOf } from "../../../src/engine/closure.ts";
import { closure, ensureToolboxSet, openStore, removeTree } from "../../../src/engine/mod.ts";
import { scriptedContext } from "../../scripted-context.ts";
import { copyCheckout } from "./copy-checkout.ts";

/** An image with the program, as docker/Dockerfile makes it where there is a network: here the toolbox is its distribution. */
const programImage = `FROM scratch
ADD toolbox.tar /
COPY hadron /hadron
WORKDIR /hadron
ENV HADRON_CACHE=/cache HOME=/tmp
ENTRYPOINT ["./hadron"]
`;

/**
 * Lines of a judge's script, to be run once an engine is there, after which `docker/build` and `docker/hadron` are to be had:
 * they use the image of {@link prepareProgram}, and the cache of {@link prepareCache} at /work/cache.
 */
export const useProgram = `docker buildx build --quiet --tag program /work/program > /dev/null
cd /work/program/hadron
export HADRON_IMAGE=program HADRON_VOLUME=/work/cache HADRON_DOCKER_RUN=--network=none
`;

async function linkTree(from: string, to: string): Promise<void> {
  if (existsSync(to)) return;
  await mkdir(dirname(to), { recursive: true });
  // Who is interrupted leaves no half of it that the next run would take for all.
  const part = `${to}.part`;
  await removeTree(part);
  const { exitCode, stderr } = await runProcess("cp", ["-al", from, part]);
  if (exitCode !== 0) throw new Error(stderr);
  await rename(part, to);
}

/** A checkout, and all that an image with its program is made of. @param work The judge's /work */
export async function prepareProgram(work: string): Promise<void> {
  const folder = join(work, "program");
  const checkout = join(folder, "hadron");
  await mkdir(checkout, { recursive: true });
  copyCheckout(checkout);
  await linkTree(join(projectRoot, "node_modules"), join(checkout, "node_modules"));
  const { path: toolbox } = await ensureToolboxSet("build", { cacheRoot: cacheRoot() });
  await runProcess("tar", ["-C", toolbox, "-cf", join(folder, "toolbox.tar"), "."]);
  await writeFile(join(folder, "Dockerfile"), programImage);
}

/**
 * A cache with the toolbox that steps run in, all sources of what is wanted, and outputs that are handed over.
 * @param root Its folder
 */
export async function prepareCache(
  root: string,
  project: Project,
  { wanted = [], handedOver = [] }: { wanted?: readonly string[]; handedOver?: readonly string[] },
): Promise<void> {
  const { path: toolbox, digest } = await ensureToolboxSet("build", { cacheRoot: cacheRoot() });
  await linkTree(toolbox, join(root, "toolbox", digest));
  const steps = closure(project.graph, wanted);
  for (const name of new Set([...steps.values()].flatMap(sourcesOf)))
    for (const { sha256 } of project.lock.sources[name]?.candidates ?? [])
      await linkTree(join(cacheRoot(), "sources", sha256), join(root, "sources", sha256)).catch(() => {});
  const store = await openStore(root);
  const found = await findBuilt(project, handedOver, scriptedContext(silent));
  for (const result of found.built.values()) {
    if (!handedOver.includes(result.step)) continue;
    await linkTree(found.store.objectPath(result.output), store.objectPath(result.output));
    await store.remember(result);
  }
}
