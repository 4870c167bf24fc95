import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import cloud from "../../../images/cloud.ts";
import { projectRoot } from "../../../src/base/mod.ts";
import { copySparseFile } from "../../../src/formats/mod.ts";
import type { ArtifactKind } from "../../../src/image/mod.ts";
import { hadronData } from "./hadron-command.ts";

/** Everything that the boots write: artifacts, disks, consoles. It stays, so that a failure can be looked at. */
export const outputFolder: string = join(projectRoot, "out/e2e");

/** The image that is tested. */
export const testedImage = cloud;

/** A fresh folder for the files of one test file. */
export async function freshFolder(name: string): Promise<string> {
  const folder = join(outputFolder, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

const made = new Map<ArtifactKind, Promise<string>>();

/** The path of the image's artifact, as `hadron image` writes it; only to be read. Made by the test file that asks first. */
export function artifact(kind: ArtifactKind): Promise<string> {
  const path = made.get(kind) ?? makeArtifact(kind);
  made.set(kind, path);
  return path;
}

async function makeArtifact(kind: ArtifactKind): Promise<string> {
  const output = join(outputFolder, `${testedImage.name}.${kind}`);
  const mark = `${output}.run`;
  const run = process.env.E2E_RUN;
  if (run !== undefined && (await readFile(mark, "utf8").catch(() => "")) === run) return output;
  await hadronData(["image", testedImage.name, "--as", kind, "--output", output]);
  await writeFile(mark, run ?? "");
  return output;
}

/** The output tree of one of an image's steps, such as `verity`; only to be read. */
export async function stepOutput(part: string, image: { name: string } = testedImage): Promise<string> {
  const id = `${image.name}:${part}`;
  const { steps } = await hadronData<{ steps: { step: string; path: string }[] }>(["build", id]);
  const path = steps.find(({ step }) => step === id)?.path;
  if (path === undefined) throw new Error(`"hadron build ${id}" did not say where its output is`);
  return path;
}

/** As large as the smallest disk that a node would have: room for slot B and for /var. */
export const diskBytes: number = 4 * 2 ** 30;

/** A disk as it is delivered, written to a larger one that nothing was started from yet. */
export async function freshDisk(path: string): Promise<string> {
  await copySparseFile(await artifact("disk"), path);
  await truncate(path, diskBytes);
  return path;
}
