import { createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { compareText, HadronError, projectRoot } from "../base/mod.ts";
import { packTar, tarDigests } from "../formats/mod.ts";
import { filesInput, type StepInput, sourceDateEpoch } from "../graph/mod.ts";
import {
  addChild,
  type FlatFolder,
  flatEntries,
  flattenLayers,
  isLayout,
  newFolder,
  nodeAt,
  type OpenedImage,
  openImage,
} from "../oci/mod.ts";
import type { Target } from "../recipe/mod.ts";
import { ociArchitecture } from "./layers-step.ts";
import type { Supplied } from "./supplied-sbom.ts";

/** The two kinds of systemd-sysext(8): where their files may lie, and how they say what they fit. */
export const extensionKinds = {
  sysext: {
    folders: ["usr", "opt"],
    release: "usr/lib/extension-release.d",
    units: "usr/lib/systemd/system",
    level: "SYSEXT_LEVEL",
  },
  confext: {
    folders: ["etc"],
    release: "etc/extension-release.d",
    units: "etc/systemd/system",
    level: "CONFEXT_LEVEL",
  },
} as const;

export type ExtensionKind = keyof typeof extensionKinds;

/** Where the step sees `root.tar` of the extension's files. */
export const extensionMount = "/needs/extension";

/** systemd's names of architectures, in extension-release. */
const releaseArchitecture = { x86_64: "x86-64", aarch64: "arm64" } as const;

/**
 * Reads the files of an extension: a folder, or a container image (a layout or archive) that was made `FROM scratch`. Of a folder the modes are
 * taken and root becomes the owner; an image has owners of its own. What the extension fits is added, unless a file of the tree says it.
 * @param options.into A folder that is made; it must stay until the extension is built
 * @throws HadronError `EXTENSION_NAME`, `EXTENSION_CONTENT`, and what `openImage` and `flattenLayers` throw
 */
export async function importExtension(
  reference: string,
  options: { kind: ExtensionKind; name: string; target: Target; into: string },
): Promise<{ input: StepInput; supplied: Supplied }> {
  const { kind, name, target, into } = options;
  assertExtensionName(name);
  const scratch = join(into, "scratch");
  await mkdir(scratch, { recursive: true });
  const { root, image } = (await isPlainFolder(reference))
    ? { root: await readTree(reference) }
    : await imageTree(reference, { architecture: ociArchitecture[target.arch], scratch });
  assertContent(root, { kind, reference });
  const release = `${extensionKinds[kind].release}/extension-release.${name}`;
  const isOurs = nodeAt(root, release) === undefined;
  if (isOurs) {
    const text = await releaseText(root, { kind, target });
    const file = join(scratch, "release");
    await writeFile(file, text);
    addChild(root, release.split("/"), {
      type: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: Buffer.byteLength(text),
      file,
    });
  }
  const staged = join(into, "staged");
  await mkdir(staged);
  const archive = join(staged, "root.tar");
  await pipeline(packTar(flatEntries(root), sourceDateEpoch), createWriteStream(archive));
  const input = filesInput(staged, extensionMount);
  if (!input) throw new Error("Nothing was staged");
  // Of what was staged: a file of the user's may be another one by now.
  const all = [...(await tarDigests(createReadStream(archive)))];
  const isMade = ([path]: (typeof all)[number]) => isOurs && path === release;
  const files = new Map(all.filter((file) => !isMade(file)));
  const supplied = { name: basename(reference), files, made: new Map(all.filter(isMade)) };
  return { input, supplied: { ...supplied, ...(image && { image }) } };
}

/** An end that systemd takes for something else is refused as well. The name is that of the file on the node, of a file in the extension, and a partition's label (36 characters) with a suffix of 7. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,28}$/;

function assertExtensionName(name: string): void {
  if (namePattern.test(name) && !/\.(raw|v|sysext|confext)$/.test(name)) return;
  throw new HadronError(
    `The name of the extension is "${name}", expected at most 29 letters, digits, "_", ".", "+", "-"`,
    {
      kind: "usage",
      code: "EXTENSION_NAME",
      hint: "Give --name NAME; on the node the file is called NAME.raw",
    },
  );
}

async function isPlainFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true && !(await isLayout(path));
}

async function imageTree(
  reference: string,
  { architecture, scratch }: { architecture: string; scratch: string },
): Promise<{ root: FlatFolder; image?: OpenedImage["digest"] }> {
  const { digest, layers } = await openImage(reference, { architecture, scratch: join(scratch, "archive") });
  return { root: await flattenLayers(layers, join(scratch, "content")), image: digest };
}

async function readTree(path: string, mode = 0o755): Promise<FlatFolder> {
  const folder = newFolder(mode);
  for (const name of (await readdir(path)).sort(compareText)) {
    const inner = join(path, name);
    const stats = await lstat(inner);
    const owner = { uid: 0, gid: 0 };
    if (stats.isDirectory()) folder.children.set(name, await readTree(inner, stats.mode & 0o7777));
    else if (stats.isSymbolicLink())
      folder.children.set(name, { type: "link", ...owner, target: await readlink(inner) });
    else if (stats.isFile())
      folder.children.set(name, {
        type: "file",
        mode: stats.mode & 0o7777,
        ...owner,
        size: stats.size,
        file: inner,
      });
    else throw refuse(`"${inner}" is no file, folder or link`, inner, "Leave out devices, pipes and sockets");
  }
  return folder;
}

function assertContent(root: FlatFolder, { kind, reference }: { kind: ExtensionKind; reference: string }): void {
  const { folders } = extensionKinds[kind];
  const names = [...root.children.keys()].sort(compareText);
  const allowed = folders.map((name) => `/${name}`).join(" and ");
  const foreign = names.filter((name) => !folders.some((one) => one === name));
  const other: ExtensionKind = kind === "sysext" ? "confext" : "sysext";
  const fitsOther = foreign.every((name) => extensionKinds[other].folders.some((one) => one === name));
  if (foreign.length > 0)
    throw refuse(
      `A ${kind} has files in ${allowed} only, and "${reference}" has /${foreign.join(", /")}`,
      reference,
      fitsOther
        ? `Put that into an extension of its own, made with --as ${other}`
        : "Leave that out; a container image has to be one that is built FROM scratch",
    );
  const flat = folders.filter((name) => root.children.has(name) && root.children.get(name)?.type !== "directory");
  if (flat.length > 0) throw refuse(`/${flat.join(", /")} of "${reference}" is no folder`, reference, "Make it one");
  if (names.length === 0)
    throw refuse(
      `"${reference}" is empty`,
      reference,
      `Put files below ${allowed} of it, as they are to be on the node`,
    );
  if (nodeAt(root, "usr/lib/os-release") !== undefined)
    throw refuse(
      `"${reference}" has /usr/lib/os-release, and systemd refuses extensions with one`,
      reference,
      "Leave it out: an extension adds to an OS, it brings none",
    );
}

/** Machine code fits one architecture; configuration fits all. Units are seen once systemd has read its configuration again. */
async function releaseText(
  root: FlatFolder,
  { kind, target }: { kind: ExtensionKind; target: Target },
): Promise<string> {
  const { level, units } = extensionKinds[kind];
  const os = await readFile(join(projectRoot, "os/usr/lib/os-release"), "utf8");
  const lines = os.split("\n").filter((line) => line.startsWith("ID=") || line.startsWith(`${level}=`));
  if (lines.length !== 2) throw new Error(`os-release lacks ID or ${level}`);
  if (kind === "sysext") lines.push(`ARCHITECTURE=${releaseArchitecture[target.arch]}`);
  if (nodeAt(root, units)?.type === "directory") lines.push("EXTENSION_RELOAD_MANAGER=1");
  return `${lines.join("\n")}\n`;
}

function refuse(message: string, at: string, hint: string): HadronError {
  return new HadronError(message, { kind: "input", code: "EXTENSION_CONTENT", at, hint });
}
