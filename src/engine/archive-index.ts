import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type Emit, HadronError, messageOf, type Sha256 } from "../base/mod.ts";
import { debianFile } from "./debian-mirror.ts";
import { download } from "./download.ts";

const debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

export interface ArchiveIndexOptions {
  /** Places of the archive, best first. */
  mirrors: readonly string[];
  /** `forky` */
  suite: string;
  /** Below the suite, gzip-packed: `main/source/Sources.gz`. */
  path: string;
  /** Where files are downloaded to; they stay. */
  directory: string;
  /** The file of OpenPGP keys that may sign InRelease; default: that of Debian's package debian-archive-keyring. */
  keyring?: string | undefined;
  /** Goes on with a warning where this machine can't check signatures: the mirror is then trusted. */
  allowUnsigned?: boolean | undefined;
  emit: Emit;
  signal?: AbortSignal | undefined;
}

/**
 * One index of Debian's archive as text, checked against the digest in the suite's InRelease, whose signature is checked
 * by gpgv with Debian's keyring. (Debian repository format, "InRelease".)
 * @throws HadronError `SOURCE_UNREACHABLE`; `ARCHIVE_SIGNATURE_UNCHECKED` where this machine has no gpgv or no keyring and that is
 * not allowed. A place with a bad signature or index is passed over.
 */
export async function fetchArchiveIndex(options: ArchiveIndexOptions): Promise<string> {
  const reasons: string[] = [];
  const gpgv = findGpgv(options);
  for (const mirror of options.mirrors) {
    try {
      return await fetchFrom(mirror, gpgv, options);
    } catch (error) {
      if (!(error instanceof HadronError) || error.kind !== "source") throw error;
      reasons.push(`\n  ${mirror}: ${error.message}`);
    }
  }
  const tried = reasons.length === 0 ? "no mirror is known" : `tried:${reasons.join("")}`;
  throw new HadronError(`Could not get "${options.path}" of Debian "${options.suite}"; ${tried}`, {
    kind: "source",
    code: "SOURCE_UNREACHABLE",
    hint: "Name a mirror of Debian's archive with --mirror or HADRON_DEBIAN_MIRROR",
  });
}

async function fetchFrom(mirror: string, gpgv: Gpgv | undefined, options: ArchiveIndexOptions): Promise<string> {
  const { suite, path, directory, emit } = options;
  const signal = options.signal ? { signal: options.signal } : {};
  const release = join(directory, `${suite}.InRelease`);
  const name = `${suite} InRelease`;
  await download({ url: debianFile(mirror, `dists/${suite}/InRelease`), to: release, name, emit, ...signal });
  if (gpgv) await checkSignature(release, gpgv);
  const entry = releaseEntry(await readFile(release, "utf8"), path);
  if (entry === undefined)
    throw new HadronError(`The InRelease of Debian "${suite}" names no "${path}"`, {
      kind: "source",
      code: "ARCHIVE_INVALID",
      at: mirror,
      hint: "Name another mirror",
    });
  const to = join(directory, `${suite}.${path.replaceAll("/", "_")}`);
  await download({
    url: debianFile(mirror, `dists/${suite}/${path}`),
    to,
    name: `${suite} ${path}`,
    ...entry,
    emit,
    ...signal,
  });
  return (await promisify(gunzip)(await readFile(to))).toString();
}

/** The line `digest size path` of the SHA256 list, which is the last list of an InRelease that names a path. */
export function releaseEntry(release: string, path: string): { sha256: Sha256; size: number } | undefined {
  const line = release.split("\n").find((line) => line.endsWith(` ${path}`) && /^ [0-9a-f]{64} /.test(line));
  const [, sha256, size] = /^ ([0-9a-f]{64}) +(\d+) /.exec(line ?? "") ?? [];
  return sha256 === undefined ? undefined : { sha256, size: Number(size) };
}

interface Gpgv {
  program: string;
  keyring: string;
}

/** What checks signatures here; undefined where there is nothing and that is allowed, which is said. */
function findGpgv({ keyring = debianKeyring, allowUnsigned, emit }: ArchiveIndexOptions): Gpgv | undefined {
  const program = ["/usr/bin/gpgv", "/usr/local/bin/gpgv"].find((path) => existsSync(path));
  if (program !== undefined && existsSync(keyring)) return { program, keyring };
  const lacks = `this machine has no ${program === undefined ? "gpgv" : `"${keyring}"`}`;
  const code = "ARCHIVE_SIGNATURE_UNCHECKED";
  if (!allowUnsigned)
    throw new HadronError(`The signature of Debian's archive can't be checked: ${lacks}`, {
      kind: "host",
      code,
      hint: "Install it (Debian, Ubuntu: apt install gpgv debian-archive-keyring), or trust the mirror with --allow-unsigned-index",
    });
  emit({ type: "warning", code, message: `The archive's signature was not checked, as allowed: ${lacks}` });
  return undefined;
}

async function checkSignature(release: string, { program, keyring }: Gpgv): Promise<void> {
  await promisify(execFile)(program, ["--keyring", keyring, release]).catch((error: unknown) => {
    throw new HadronError(`The signature of the archive's InRelease is not good: ${messageOf(error)}`, {
      kind: "source",
      code: "ARCHIVE_SIGNATURE",
      at: release,
      hint: "Update the package debian-archive-keyring, or name another mirror",
      cause: error,
    });
  });
}
