import { createWriteStream } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Emit, HadronError, programName, type Sha256, sha256 } from "../base/mod.ts";
import { packTar } from "../formats/mod.ts";
import { filesInput, type StepInput, sourceDateEpoch } from "../graph/mod.ts";
import {
  addChild,
  type FlatFolder,
  flatEntries,
  flattenLayers,
  folderAt,
  newFolder,
  nodeAt,
  openImage,
} from "../oci/mod.ts";
import type { Target } from "../recipe/mod.ts";
import { type BootableImage, partitionDefinitions, rootFolders } from "../rootfs/mod.ts";
import { ociArchitecture } from "./layers-step.ts";
import type { Supplied } from "./supplied-sbom.ts";

/** Where steps see `root.tar` and `os-release` of a root that came from a container image. */
export const importedMount = "/needs/from";

/** What must be there, so that a mistake is known before the machine stands still. */
const required = ["usr/lib/systemd/systemd", "usr/lib/os-release"];

/**
 * Folders that a running system mounts over. What a container engine or a Dockerfile left in them would be there and never be seen:
 * it stays out.
 */
const mountedOver = ["boot", "dev", "efi", "proc", "run", "sys", "tmp", "var"];

/**
 * Flattens a container image (a layout or archive) for the disk of a bootable image, which gives it its partitions. Owners and modes
 * stay as the layers have them. Equal images give equal bytes.
 * @param options.into A folder that is made; it must stay until the disk is built
 * @throws HadronError `ROOT_INCOMPLETE` where the image has no systemd, and what `openImage` and `flattenLayers` throw
 */
export async function importRoot(
  reference: string,
  options: { image: BootableImage; target: Target; into: string; emit: Emit },
): Promise<{ input: StepInput; supplied: Supplied }> {
  const { image, target, into, emit } = options;
  const scratch = (name: string) => join(into, "scratch", name);
  const opened = await openImage(reference, {
    architecture: ociArchitecture[target.arch],
    scratch: scratch("archive"),
  });
  const root = await flattenLayers(opened.layers, scratch("content"));
  assertSystem(root, reference);
  const left = emptyMountPoints(root);
  if (left.length > 0)
    emit({
      type: "note",
      message: `Left out: what "${reference}" has in ${left.join(", ")}, since a machine has its own there`,
    });
  await mkdir(scratch("made"), { recursive: true });
  const made = new Map<string, Sha256>();
  const add = async (path: string, text: string, mode: number): Promise<void> => {
    const file = scratch(`made/${path.replaceAll("/", "-")}`);
    await writeFile(file, text);
    made.set(path, sha256(text));
    addChild(root, path.split("/"), { type: "file", mode, uid: 0, gid: 0, size: Buffer.byteLength(text), file });
  };
  // An id in the image would be that of every machine; with no file at all every boot would be a first boot.
  await add("etc/machine-id", "", 0o444);
  folderAt(root, ["usr", "lib"], { make: true }).children.delete("repart.d");
  for (const [name, text] of Object.entries(partitionDefinitions(image)))
    await add(`usr/lib/repart.d/${name}`, text, 0o644);

  const staged = join(into, "staged");
  await mkdir(staged);
  await pipeline(packTar(flatEntries(root), sourceDateEpoch), createWriteStream(join(staged, "root.tar")));
  const release = nodeAt(root, "usr/lib/os-release");
  if (release?.type === "file") await copyFile(release.file, join(staged, "os-release"));
  const input = filesInput(staged, importedMount);
  if (!input) throw new Error("Nothing was staged");
  return { input, supplied: { name: basename(reference), image: opened.digest, files: new Map(), made } };
}

function assertSystem(root: FlatFolder, reference: string): void {
  const missing = required.filter((path) => nodeAt(root, path)?.type !== "file");
  if (missing.length === 0) return;
  throw new HadronError(`The image "${reference}" can't start a machine: it has no /${missing.join(", no /")}`, {
    kind: "input",
    code: "ROOT_INCOMPLETE",
    at: reference,
    hint: `Derive it from an image with systemd, such as that of: ${programName()} image cloud --as oci`,
  });
}

/** Makes the folders that a machine needs for mounts, empty. @returns those that were not, with how much they had */
function emptyMountPoints(root: FlatFolder): string[] {
  // Docker's mark of a container.
  root.children.delete(".dockerenv");
  const left: string[] = [];
  for (const [name, mode] of Object.entries(rootFolders)) {
    const present = root.children.get(name);
    const folder = present?.type === "directory" ? present : newFolder(Number.parseInt(mode, 8));
    root.children.set(name, folder);
    if (!mountedOver.includes(name)) continue;
    if (filesBelow(folder) > 0) left.push(`/${name} (${filesBelow(folder)} files)`);
    folder.children.clear();
  }
  return left;
}

function filesBelow(folder: FlatFolder): number {
  let count = 0;
  for (const child of folder.children.values()) count += child.type === "directory" ? filesBelow(child) : 1;
  return count;
}
