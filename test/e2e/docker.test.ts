import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cacheRoot, exitStatus, sha256OfFile, silent } from "../../src/base/mod.ts";
import { findBuilt, openProject, type Project } from "../../src/cli/project.ts";
import { closure, openStore, outputsStage, removeTree } from "../../src/engine/mod.ts";
import { scriptedContext } from "../scripted-context.ts";
import { askContainerJudge, startDockerd } from "./support/container-judge.ts";
import { prepareCache, prepareProgram, useProgram } from "./support/docker-program.ts";
import { hadron, hadronData } from "./support/hadron-command.ts";

/** The C library, a plain configure script, kconfig, and meson; with their tests and what they need. */
const built = ["musl", "zlib", "busybox", "kmod"];
/** What is built with two engines. */
const builtTwice = "lz4";
/** What takes a quarter of an hour is handed over. */
const handedOver = ["binutils", "linux-headers", "gcc"];

const minutes = 60_000;

/** The judges' /work, on the store's file system. */
let work: string;
let project: Project;
const context = scriptedContext(silent);

beforeAll(async () => {
  work = await (await openStore(cacheRoot())).makeWorkFolder("docker");
  project = await openProject("x86_64", context);
  await prepareCache(join(work, "cache"), project, { wanted: [...built, builtTwice], handedOver });
  await prepareProgram(work);
});
afterAll(() => removeTree(work));

/** The wanted steps' outputs are in the cache, and are those that the sandbox gave. */
async function expectSame(wanted: readonly string[]): Promise<void> {
  const [here, there] = [
    await findBuilt(project, wanted, context),
    await findBuilt(project, wanted, { ...context, cacheRoot: join(work, "cache") }),
  ];
  const outputs = ({ known }: typeof here) => wanted.map((id) => [id, known.get(id)?.output]);
  expect(outputs(there)).toEqual(outputs(here));
  expect(new Set(there.built.keys()).isSupersetOf(new Set(wanted))).toBe(true);
}

it(
  "builds a part of the graph to the digests that the sandbox gives",
  async () => {
    const said = await askContainerJudge(
      work,
      `${startDockerd()}
${useProgram}
docker/build ${built.join(" ")} 2> /work/build.log || { tail -n 60 /work/build.log; exit 1; }
docker/build ${built.join(" ")}`,
    );
    await expectSame(built.flatMap((name) => [name, `${name}:test`]));
    expect(said).toMatch(/^\d+ outputs: \d+ new, 0 as the store has them, 0 otherwise$/m);
    // Nothing is left to be done then.
    expect(said).toMatch(/Nothing to build: the store has it all$/);
  },
  20 * minutes,
);

it(
  "makes a disk of what is in the store, where no step could be run",
  async () => {
    const step = "cloud:disk";
    const images = await openProject("x86_64", context, { images: "all" });
    const handedOver = [...closure(images.graph, [step]).keys()];
    await prepareCache(join(work, "filled"), images, { handedOver });
    const words = (output: string) => ["image", "cloud", "--as", "disk", "--offline", "--output", output];
    await askContainerJudge(
      work,
      `${startDockerd()}
${useProgram}
HADRON_VOLUME=/work/filled docker/hadron ${words("out/cloud.raw").join(" ")}`,
    );
    const { sha256 } = await hadronData<{ sha256: string }>(words(join(work, "cloud.raw")));
    expect(await sha256OfFile(join(work, "program/hadron/out/cloud.raw"))).toBe(sha256);
  },
  5 * minutes,
);

it(
  "what one engine built, another takes from a registry",
  async () => {
    const env = { HADRON_CACHE: join(work, "cache") };
    const context = ["--as", "dockerfile", "--from-store", "--offline", "--output", join(work, "context")];
    await hadronData(["graph", builtTwice, ...context], { env });
    // Only with containerd's image store Docker's own BuildKit writes whole caches.
    await writeFile(join(work, "engine.json"), '{ "features": { "containerd-snapshotter": true } }');
    const engines = ["one", "two"];
    const build = (name: string, cache: string) =>
      `docker --context ${name} buildx build /work/context --build-context sources=/work/context/sources \\
  --build-arg BUILDKIT_SANDBOX_HOSTNAME=hadron --target ${outputsStage} --output type=tar,dest=/work/${name}.tar \\
  --progress=plain ${cache} > /work/${name}.build 2>&1 || { tail -n 40 /work/${name}.build; exit 1; }`;
    await askContainerJudge(
      work,
      `printf 'version: 0.1\\nstorage: { filesystem: { rootdirectory: /work/registry } }\\nhttp: { addr: 127.0.0.1:5000 }\\n' > /run/registry.yml
docker-registry serve /run/registry.yml > /work/registry.log 2>&1 &
${engines.map((name) => startDockerd({ name, options: ["--config-file=/work/engine.json"] })).join("")}
for name in ${engines.join(" ")}; do docker context create $name --docker host=unix:///run/$name.sock > /dev/null; done
${build("one", "--cache-to type=registry,ref=127.0.0.1:5000/cache,mode=max")}
${build("two", "--cache-from type=registry,ref=127.0.0.1:5000/cache")}`,
    );
    const words = ["store", "import", join(work, "two.tar")];
    // A checkout with another recipe does not take it for what that one makes.
    const checkout = join(work, "program", "hadron");
    const recipe = join(checkout, "recipes", builtTwice, "recipe.ts");
    await writeFile(recipe, (await readFile(recipe, "utf8")).replace("make -C lib", "make -C lib V=1"));
    const { status, stdout } = await hadron([...words, "--json"], { checkout, env });
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({
      status: exitStatus.input,
      error: { code: "OUTPUTS_FOREIGN" },
    });
    await hadronData(words, { env });
    await expectSame([builtTwice, `${builtTwice}:test`]);
    const log = await readFile(join(work, "two.build"), "utf8");
    const [, step] = new RegExp(`^(#\\d+) \\[${builtTwice}--run `, "m").exec(log) ?? [];
    expect(log).toMatch(new RegExp(`^${step} CACHED$`, "m"));
  },
  20 * minutes,
);
