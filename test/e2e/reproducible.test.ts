import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cacheRoot } from "../../src/base/mod.ts";
import { openStore } from "../../src/engine/mod.ts";
import { type ArtifactKind, artifacts, extensionKinds, isExtension } from "../../src/image/mod.ts";
import { freshFolder, testedImage } from "./support/artifacts.ts";
import { hadronData } from "./support/hadron-command.ts";

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

it("every artifact, assembled again in another place without the cache, is bit-identical", async () => {
  const folder = await freshFolder("reproducible");
  const env = { HADRON_CACHE: await secondCache() };
  const kinds = Object.keys(artifacts) as ArtifactKind[];
  const files = (kind: ArtifactKind) => join(folder, `${kind}-files`);
  for (const [kind, { folders }] of Object.entries(extensionKinds)) {
    await mkdir(join(folder, `${kind}-files`, folders[0]), { recursive: true });
    await writeFile(join(folder, `${kind}-files`, folders[0], "file"), kind);
  }
  const digest = async (
    kind: ArtifactKind,
    place: string,
    more: string[],
    options: { env?: Record<string, string> },
  ) => {
    const output = join(folder, place, `${testedImage.name}.${kind}`);
    const words = ["image", testedImage.name, "--as", kind, "--output", output, ...more];
    if (isExtension(kind)) words.push("--from", files(kind), "--name", "tested");
    const { sha256 } = await hadronData<{ sha256: string }>(words, options);
    await rm(output, { recursive: true });
    return `${kind} ${sha256}`;
  };
  const first: string[] = [];
  const again: string[] = [];
  for (const kind of kinds) {
    first.push(await digest(kind, "first", [], {}));
    again.push(await digest(kind, "second/place", ["--cache", "no"], { env }));
  }
  await rm(env.HADRON_CACHE, { recursive: true });
  expect(first.length).toBeGreaterThan(0);
  expect(again).toEqual(first);
}, 1_200_000);
