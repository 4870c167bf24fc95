/** What the checks ask of a machine, so that a test can be another one (an Ubuntu 24.04, a kernel without namespaces). */
export interface Host {
  /** `linux`, … as Node names it. */
  platform: string;
  /** `x86_64`, `aarch64`, … as `uname -m` names it. */
  machine: string;
  /** True for uid 0. */
  isRoot: boolean;
  /** Where everything that can be made again is kept; need not exist. */
  cacheRoot: string;
  environment: NodeJS.ProcessEnv;
  /** A whole text file; undefined where it is missing or can't be read. */
  readText(path: string): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  /** Whether this user may open the file for reading and writing. */
  isWritable(path: string): Promise<boolean>;
  /** The path of a program on PATH. */
  which(program: string): Promise<string | undefined>;
  /** Runs a program for at most 10 s. `ok` is false as well where it can't be started. */
  run(program: string, args: string[]): Promise<{ ok: boolean; output: string }>;
  /** Bytes that this user can still write to the file system that holds the path, or would. */
  freeBytes(path: string): Promise<number>;
  /** Bytes. */
  memory: { total: number; available: number };
  /** Words that start the bubblewrap that steps run in, once the toolbox is there. */
  bubblewrap: readonly [string, ...string[]] | undefined;
  /** Where files of Debian's archive can be had. */
  debianMirrors: string[];
  /** Whether all is in the cache that a build and a virtual machine take from elsewhere. */
  hasEverything: boolean;
}
