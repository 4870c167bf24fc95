import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareText, runProcess, type Sha256, sha256 } from "../../base/mod.ts";

/** What of a checkout decides how things are built. */
const controlling = [
  ...["hadron", "package.json", "package-lock.json", "sources.lock.json", "toolbox.lock.json"],
  ...["images", "recipes", "signatures", "src"],
];

/** Files of the operating system: `os`, `os-initrd`, … */
const ofSystem = /^os(-|$)/;

export interface ProjectState {
  /** SHA-256 over path, executable bit and SHA-256 of each controlling file, as lines of JSON, sorted by path. */
  files: Sha256;
  /** Of package-lock.json, by which the builder's own packages are pinned. */
  packageLock: Sha256;
  /** The commit that these files are of; undefined where git does not know, or where files are changed. */
  commit?: string;
}

/** What a checkout is, from its files; git only says which commit that is. */
export async function projectState(root: string): Promise<ProjectState> {
  const all = [...controlling, ...readdirSync(root).filter((name) => ofSystem.test(name))];
  const paths = all.flatMap((path) => filesAt(root, path)).sort(compareText);
  const lines = paths.map((path) => {
    const executable = (lstatSync(join(root, path)).mode & 0o100) !== 0;
    return JSON.stringify([path, executable, sha256(readFileSync(join(root, path)))]);
  });
  const commit = await cleanCommit(root, all);
  return {
    files: sha256(lines.join("\n")),
    packageLock: sha256(readFileSync(join(root, "package-lock.json"))),
    ...(commit === undefined ? {} : { commit }),
  };
}

function filesAt(root: string, path: string): string[] {
  if (!existsSync(join(root, path))) return [];
  if (!lstatSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesAt(root, `${path}/${name}`));
}

async function cleanCommit(root: string, paths: readonly string[]): Promise<string | undefined> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", LC_ALL: "C" };
    const result = await runProcess("git", ["-C", root, ...args], { env }).catch(() => undefined);
    return result?.exitCode === 0 ? result.stdout.trim() : undefined;
  };
  // A folder inside somebody else's repository is not a checkout of ours.
  const top = await git("rev-parse", "--show-prefix");
  // Whatever the user's configuration hides: a file that is there is read by builds, ignored or not.
  const all = ["--porcelain", "--untracked-files=all", "--ignored"];
  const changed = await git("-c", "core.fileMode=true", "status", ...all, "--", ...paths);
  return top === "" && changed === "" ? git("rev-parse", "HEAD") : undefined;
}
