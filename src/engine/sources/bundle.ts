import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { compareText, HadronError, type Sha256, sha256, silent } from "../../base/mod.ts";
import { packTar } from "../../formats/mod.ts";
import { sourceDateEpoch } from "../../graph/mod.ts";
import { bundleReadme } from "./bundle-readme.ts";
import { chooseCandidate } from "./candidate.ts";
import { fetchSources, type SourceOptions } from "./fetch.ts";
import { sourceEntry } from "./lock.ts";
import { usualName } from "./places.ts";
import { projectFiles } from "./project-files.ts";

export interface BundleOptions extends SourceOptions {
  /** The image that they correspond to; without it, all that Hadron can build. */
  image?: string | undefined;
  /** The checkout. */
  root: string;
  /** A file whose name ends in `.tar`, or a folder that is not there yet. Appears only when it is whole. */
  output: string;
}

/** A file of the bundle. */
export type BundleEntry =
  | {
      path: string;
      type: "file";
      mode: number;
      size: number;
      sha256: Sha256;
      from: { path: string } | { text: string };
    }
  | { path: string; type: "link"; target: string };

export interface Bundle {
  output: string;
  sources: number;
  files: number;
  /** Bytes. */
  size: number;
}

const topFolder = "hadron-sources";

/**
 * Writes the corresponding source (GPL-2.0 section 3, GPL-3.0 section 6): the archives, and every file of the project that builds
 * and installs them. The same lock and checkout give the same bytes.
 * @throws HadronError `BUNDLE_EXISTS`, and what {@link fetchSources} and {@link projectFiles} throw.
 */
export async function bundleSources(names: readonly string[], options: BundleOptions): Promise<Bundle> {
  const { output, root, image, lock, emit = silent } = options;
  const isTar = output.endsWith(".tar");
  if (!isTar && existsSync(output))
    throw new HadronError(`There is something at "${output}" already`, {
      kind: "usage",
      code: "BUNDLE_EXISTS",
      at: output,
      hint: "Name a folder that is not there yet, or a file whose name ends in .tar",
    });
  const fetched = await fetchSources(names, options);
  const archives: BundleEntry[] = [...fetched].map(([name, source]) => {
    const entry = sourceEntry(name, lock);
    const candidate = entry.candidates.find((candidate) => candidate.sha256 === source.sha256);
    const { size } = chooseCandidate(name, options);
    const file = candidate === undefined ? name : usualName(candidate, name, entry.version);
    return {
      path: `sources/${file}`,
      type: "file",
      mode: 0o644,
      size,
      sha256: source.sha256,
      from: { path: source.path },
    };
  });
  const project = (await projectFiles(root, emit)).map((entry) => ({ ...entry, path: `project/${entry.path}` }));
  const readme = textEntry("README", bundleReadme(image, [...fetched], lock));
  const listed = [readme, ...archives, ...project].sort((a, b) => compareText(a.path, b.path));
  const sums = listed.flatMap((entry) => (entry.type === "file" ? [`${entry.sha256}  ${entry.path}\n`] : []));
  const entries = [textEntry("SHA256SUMS", sums.join("")), ...listed];
  await (isTar ? writeTar(entries, output) : writeFolder(entries, output));
  const size = entries.reduce((sum, entry) => sum + (entry.type === "file" ? entry.size : 0), 0);
  return { output, sources: archives.length, files: entries.length, size };
}

function textEntry(path: string, text: string): BundleEntry {
  return { path, type: "file", mode: 0o644, size: Buffer.byteLength(text), sha256: sha256(text), from: { text } };
}

async function writeTar(entries: readonly BundleEntry[], output: string): Promise<void> {
  const packed = entries.map((entry) => {
    const path = `${topFolder}/${entry.path}`;
    if (entry.type === "link") return { ...entry, path };
    const { type, mode, size, from } = entry;
    return {
      path,
      type,
      mode,
      size,
      content: () => ("text" in from ? Readable.from([from.text]) : createReadStream(from.path)),
    };
  });
  await whole(output, (part) => pipeline(packTar(packed, sourceDateEpoch), createWriteStream(part)));
}

async function writeFolder(entries: readonly BundleEntry[], output: string): Promise<void> {
  await whole(output, async (part) => {
    for (const entry of entries) {
      const path = join(part, entry.path);
      await mkdir(dirname(path), { recursive: true });
      if (entry.type === "link") await symlink(entry.target, path);
      else {
        if ("text" in entry.from) await writeFile(path, entry.from.text);
        else await copyFile(entry.from.path, path);
        await chmod(path, entry.mode);
      }
    }
  });
}

async function whole(output: string, write: (part: string) => Promise<void>): Promise<void> {
  const part = `${output}.${process.pid}.part`;
  await mkdir(dirname(output), { recursive: true });
  try {
    await write(part);
    await rename(part, output);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}
