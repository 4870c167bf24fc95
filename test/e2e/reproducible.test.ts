import { readFileSync } from "node:fs";
import { copyFile, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import cloud from "../../images/cloud.ts";
import container from "../../images/container.ts";
import toolchain from "../../images/toolchain.ts";
import { cacheRoot, exitStatus, projectRoot, runProcess, silent } from "../../src/base/mod.ts";
import { findBuilt, openProject } from "../../src/cli/project.ts";
import { openStore, removeTree } from "../../src/engine/mod.ts";
import { type ArtifactKind, artifacts, extensionKinds, isExtension } from "../../src/image/mod.ts";
import { openLayout } from "../../src/oci/mod.ts";
import { type Image, isBootable } from "../../src/rootfs/mod.ts";
import { currentCommit } from "../reproducible/commit.ts";
import { compareTrees } from "../reproducible/compare-trees.ts";
import { describeDifferences } from "../reproducible/describe-differences.ts";
import { toolboxElsewhere } from "../reproducible/elsewhere.ts";
import { pickSteps } from "../reproducible/pick-steps.ts";
import { rebuild } from "../reproducible/rebuild.ts";
import { surroundings } from "../reproducible/surroundings.ts";
import { scriptedContext } from "../scripted-context.ts";
import { realToolbox } from "./engine/workbench.ts";
import { freshFolder, testedImage } from "./support/artifacts.ts";
import { type CommandOptions, hadron, hadronData } from "./support/hadron-command.ts";
import { asOrdinaryUser } from "./support/ordinary-user.ts";

/**
 * Components are shared with this machine's own cache; work and logs are its own. On the same file system: trees are moved. It lies where
 * the next command removes it if this process is killed.
 */
async function secondCache(): Promise<string> {
  const store = await openStore(cacheRoot());
  const path = await store.makeWorkFolder("second-place");
  for (const shared of ["objects", "results", "sources", "packages", "toolbox"])
    await symlink(join(store.root, shared), join(path, shared));
  return path;
}

/** Those that need no key. */
const images: readonly Image[] = [cloud, container, toolchain];

const artifactsToMake = images.flatMap((image) =>
  (Object.keys(artifacts) as ArtifactKind[])
    .filter((kind) => isBootable(image) || "isContainer" in artifacts[kind])
    .map((kind) => ({ image, kind })),
);

/** Digests by `<image>.<kind>`: as made by this user, and again elsewhere, by one who may do less. */
let first: Record<string, string>;
let again: Record<string, string>;
let wrapper: readonly string[];

beforeAll(async () => {
  const folder = await freshFolder("reproducible");
  const env = { HADRON_CACHE: await secondCache() };
  wrapper = await asOrdinaryUser();
  const files = (kind: ArtifactKind) => join(folder, `${kind}-files`);
  for (const [kind, { folders }] of Object.entries(extensionKinds)) {
    await mkdir(join(folder, `${kind}-files`, folders[0]), { recursive: true });
    await writeFile(join(folder, `${kind}-files`, folders[0], "file"), kind);
  }
  const digest = async (image: Image, kind: ArtifactKind, place: string, more: string[], options: CommandOptions) => {
    const output = join(folder, place, `${image.name}.${kind}`);
    const words = ["image", image.name, "--as", kind, "--output", output, ...more];
    if (isExtension(kind)) words.push("--from", files(kind), "--name", "tested");
    const { sha256 } = await hadronData<{ sha256: string }>(words, options);
    await rm(output, { recursive: true });
    return sha256;
  };
  first = {};
  again = {};
  const madeAnew = new Set<string>();
  for (const { image, kind } of artifactsToMake) {
    const [name, step] = [`${image.name}.${kind}`, `${image.name}:${artifacts[kind].part}`];
    first[name] = await digest(image, kind, "first", [], {});
    // Kinds that come from one step differ in how they are written, which is always done.
    const more = madeAnew.has(step) ? [] : ["--cache", "no"];
    again[name] = await digest(image, kind, "second/place", more, { env, wrapper });
    madeAnew.add(step);
  }
  await rm(env.HADRON_CACHE, { recursive: true });
}, 1_200_000);

describe("every artifact", () => {
  it("assembled again in another place without the cache, is bit-identical", () => {
    expect(Object.keys(first)).toHaveLength(artifactsToMake.length);
    expect(again).toEqual(first);
  });

  it("can be assembled by a user without any privilege", async () => {
    const [program = "", ...args] = [...wrapper, "/bin/sh", "-c", "id -u; cat /proc/self/status"];
    const [user, ...status] = (await runProcess(program, args)).stdout.split("\n");
    const none = "0000000000000000";
    expect(user).toBe("1234");
    expect(status).toEqual(expect.arrayContaining([`CapEff:\t${none}`, `CapBnd:\t${none}`, "NoNewPrivs:\t1"]));
    for (const [name, digest] of Object.entries(again)) expect(digest, name).toMatch(/^[0-9a-f]{64}$/);
  });
});

it("three steps that the commit picks, run again elsewhere, come out the same", async () => {
  const context = scriptedContext(silent);
  const project = await openProject("x86_64", context);
  const times = JSON.parse(readFileSync(join(projectRoot, "build-times.json"), "utf8")) as Record<string, number>;
  const picked = pickSteps(currentCommit().id, times, new Set(project.graph.steps.keys()));
  expect(picked).toHaveLength(3);
  console.log(`run again: ${picked.join(", ")}`);
  const { store, built: first } = await findBuilt(project, picked, context);
  // Beside the first: its outputs become inputs by hard links.
  const root = join(cacheRoot(), "elsewhere");
  await removeTree(root);
  const toolbox = await toolboxElsewhere(await realToolbox(), join(root, "toolbox"));
  const { facts, built, error } = await rebuild(
    { root, first: cacheRoot(), toolbox, steps: picked, how: "alone" },
    silent,
  );
  expect(error).toBeUndefined();
  expect(facts).toMatchObject({ user: surroundings.user, hostName: surroundings.hostName, umask: surroundings.umask });
  expect(facts.checkout).not.toBe(projectRoot);
  for (const id of picked) {
    const [before, again] = [store.objectPath(first.get(id)?.output ?? ""), built[id]?.path ?? ""];
    if (built[id]?.output !== first.get(id)?.output)
      expect.fail(`${id} came out otherwise:\n${describeDifferences(await compareTrees(before, again))}`);
  }
  await removeTree(root);
});

it("a list of digests compares a rebuild with one command, and names what differs", async () => {
  const folder = await freshFolder("digests");
  const [list, other] = [join(folder, "cloud.digests"), join(folder, "other.digests")];
  const key = join(folder, "release.key");
  const { fingerprint } = await hadronData<{ fingerprint: string }>(["keys", "new", key, "--test"]);
  const listed = await hadronData<{ artifacts: object; steps: object; signature: string }>([
    ...["digests", testedImage.name, "--output", list, "--sign", key, "--allow-test-key"],
  ]);
  expect(listed.signature).toBe(`${list}.sigstore.json`);
  const trusting = ["--key", join(folder, "release.pub"), "--allow-test-key"];
  const same = await hadron(["digests", "--compare", list, ...trusting]);
  const [artifacts, steps] = [Object.keys(listed.artifacts).length, Object.keys(listed.steps).length];
  expect(same.stdout).toBe(
    `The list is signed by ${fingerprint}\nAll ${artifacts} artifacts and ${steps} steps are what the list says\n`,
  );
  expect(same.status).toBe(0);
  const text = readFileSync(list, "utf8");
  const changed = text.replace(/^((?:artifact cloud\.disk|step zlib|step cloud:disk) )[0-9a-f]{4}/gm, "$10000");
  await writeFile(other, changed);
  await copyFile(listed.signature, `${other}.sigstore.json`);
  const refused = await hadron(["digests", "--compare", other, ...trusting, "--json"]);
  expect(refused.status).toBe(exitStatus.input);
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "SIGNATURE_BAD", at: other } });
  const cache = await freshFolder("cache");
  await openLayout(cache).writeIndex([]);
  const { status, stdout, stderr } = await hadron(["digests", "--compare", other, "--cache-from", cache]);
  expect(status).toBe(exitStatus.step);
  expect(stderr).toContain("proves nothing of how it is made");
  expect(stdout).toMatch(/^artifact +cloud\.disk +0000/m);
  expect(stdout).toMatch(/3 differences; the first step that differs is "zlib"\n$/);
}, 1_200_000);
