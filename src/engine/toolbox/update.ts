import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareText, type Emit, HadronError, silent, writeFileAtomic } from "../../base/mod.ts";
import { fetchArchiveIndex } from "../archive-index.ts";
import { debianMirrors } from "../debian-mirror.ts";
import { type ToolboxLock, toolboxLockPath } from "./lock.ts";
import { parsePackagesIndex } from "./packages-index.ts";
import { type ToolboxSet, toolboxArchitecture, toolboxSets, toolboxSuite } from "./sets.ts";
import { solveClosure } from "./solve.ts";

export interface UpdateOptions {
  /** Where the lock is written. */
  path?: string;
  mirror?: string | undefined;
  /** Where the archive is looked for, instead of what {@link debianMirrors} finds. */
  mirrors?: readonly string[];
  emit?: Emit;
  signal?: AbortSignal | undefined;
  sets?: Readonly<Record<string, ToolboxSet>>;
  /** Debian's release; default {@link toolboxSuite}. */
  suite?: string;
  /** OpenPGP keys that may sign the archive; default: those of Debian's package debian-archive-keyring. */
  keyring?: string;
  /** Trusts the mirror where this machine can't check the archive's signature. */
  allowUnsigned?: boolean | undefined;
}

/**
 * Solves every set against the archive as it is now and writes the lock. The index is checked against the digests of InRelease,
 * and that against the archive's signature.
 * @throws HadronError of kind `input`: `PACKAGE_UNSOLVABLE`; for the rest see {@link fetchArchiveIndex}.
 */
export async function updateToolboxLock(options: UpdateOptions = {}): Promise<ToolboxLock> {
  const { suite = toolboxSuite } = options;
  const directory = await mkdtemp(join(tmpdir(), "hadron-toolbox-"));
  try {
    const text = await fetchArchiveIndex({
      mirrors: options.mirrors ?? debianMirrors({ mirror: options.mirror }),
      suite,
      path: `main/binary-${toolboxArchitecture}/Packages.gz`,
      directory,
      emit: options.emit ?? silent,
      signal: options.signal,
      keyring: options.keyring,
      allowUnsigned: options.allowUnsigned,
    });
    const index = parsePackagesIndex(text);
    const date = releaseDate(await readFile(join(directory, `${suite}.InRelease`), "utf8"), suite);
    const lock: ToolboxLock = { suite, date, sets: {} };
    for (const [set, { packages }] of Object.entries(options.sets ?? toolboxSets).sort(([a], [b]) =>
      compareText(a, b),
    )) {
      const closure = solveClosure(index, packages);
      lock.sets[set] = {
        packages: closure.map(({ name, version, file, sha256, size }) => ({ name, version, file, sha256, size })),
      };
    }
    await writeFileAtomic(options.path ?? toolboxLockPath, formatLock(lock));
    return lock;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** One package a line, so that a change of the lock is a readable diff. */
function formatLock(lock: ToolboxLock): string {
  const sets = Object.entries(lock.sets).map(([name, { packages }]) => {
    const lines = packages.map((package_) => `        ${JSON.stringify(package_)}`).join(",\n");
    return `    ${JSON.stringify(name)}: {\n      "packages": [\n${lines}\n      ]\n    }`;
  });
  const head = `  "suite": ${JSON.stringify(lock.suite)},\n  "date": ${JSON.stringify(lock.date)},`;
  return `{\n${head}\n  "sets": {\n${sets.join(",\n")}\n  }\n}\n`;
}

function releaseDate(release: string, suite: string): string {
  const date = new Date(/^Date: (.+)$/m.exec(release)?.[1] ?? Number.NaN);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new HadronError(`The InRelease of Debian "${suite}" has no date`, {
    kind: "source",
    code: "ARCHIVE_INVALID",
    hint: "Name another mirror with --mirror or HADRON_DEBIAN_MIRROR",
  });
}
