import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { compareText, HadronError, isSystemError, messageOf, programName } from "../base/mod.ts";
import { signDetached, verifyDetached } from "../formats/mod.ts";
import { filesInput, type StepInput } from "../graph/mod.ts";
import { certificateTooLong, type ModuleKey } from "./module-key.ts";

/** A folder of signatures: the certificate of whoever made them, and `kernel/….ko.p7s` beside it, as the kernel's tree has the modules. */
const certificateFile = "certificate.der";
const suffix = ".p7s";

/** Where the steps of a recipe that signs see that folder. */
const mount = "/needs/signatures";

/**
 * Signs every module of a kernel's output.
 * @param into A folder that is made
 * @returns how many there are
 */
export async function makeSignatures(kernel: string, key: ModuleKey, into: string): Promise<number> {
  const modules = await modulesOf(kernel);
  await mkdir(into, { recursive: true });
  await writeFile(join(into, certificateFile), key.certificate);
  for (const { name, path } of modules) {
    const to = join(into, `${name}${suffix}`);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, signDetached(await readFile(path), key));
  }
  return modules.length;
}

/**
 * Takes a folder of signatures that was made elsewhere, once it is known that each module of a kernel's output has a good one in it.
 * @param options.into A folder that is made
 * @throws HadronError `MODULE_SIGNATURES`
 */
export async function takeSignatures(
  kernel: string,
  { from, into }: { from: string; into: string },
): Promise<{ subject: string; count: number }> {
  const modules = await modulesOf(kernel);
  const certificate = await readCertificate(from);
  const given = (await filesBelow(from)).filter((name) => name !== certificateFile);
  const names = modules.map(({ name }) => `${name}${suffix}`);
  const missing = names.filter((name) => !given.includes(name));
  const foreign = given.filter((name) => !names.includes(name));
  if (missing.length + foreign.length > 0)
    throw refuse(
      from,
      `it ${missing.length > 0 ? `has no ${some(missing)}` : `has ${some(foreign)}, which is no module's`}`,
    );
  await mkdir(into, { recursive: true });
  await writeFile(join(into, certificateFile), certificate.raw);
  for (const { name, path } of modules) {
    const signature = await readFile(join(from, `${name}${suffix}`));
    try {
      verifyDetached(await readFile(path), signature, certificate.raw);
    } catch (cause) {
      throw refuse(from, `${name}${suffix}: ${messageOf(cause)}`, cause);
    }
    const to = join(into, `${name}${suffix}`);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, signature);
  }
  return { subject: certificate.subject, count: modules.length };
}

/**
 * Looks at what can be judged of a folder of signatures without the modules that they are over.
 * @throws HadronError `MODULE_SIGNATURES` where it can't be read, or has no certificate that a kernel takes
 */
export async function assertSignatures(from: string): Promise<void> {
  await readCertificate(from);
}

/** What {@link makeSignatures} or {@link takeSignatures} left, as an input of the recipe's steps. */
export function moduleSignaturesInput(folder: string): StepInput {
  const input = filesInput(folder, mount);
  if (!input) throw new Error(`There are no signatures in "${folder}"`);
  return input;
}

/**
 * Writes a folder of signatures for others, whole or not at all.
 * @throws HadronError `SIGNATURES_OUTPUT` where something is there already, or nothing can be written
 */
export async function saveSignatures(folder: string, to: string): Promise<void> {
  const beside = `${to}.${process.pid}.part`;
  await assertSignaturesPlace(to);
  try {
    await cp(folder, beside, { recursive: true });
    // Takes the place of an empty folder, and of nothing else.
    await rename(beside, to);
  } catch (cause) {
    await rm(beside, { recursive: true, force: true });
    throw unwritable(to, messageOf(cause), cause);
  }
}

/**
 * So that it is known before hours of building.
 * @throws HadronError `SIGNATURES_OUTPUT` where something is there already, or a folder can't be made
 */
export async function assertSignaturesPlace(to: string): Promise<void> {
  const names = await readdir(to).catch((cause: unknown) => {
    if (isSystemError(cause, "ENOENT")) return [];
    throw unwritable(to, messageOf(cause), cause);
  });
  if (names.length > 0) throw unwritable(to, "something is there");
  let above = dirname(to);
  while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
  try {
    // Modes alone don't tell: a file system may be read-only.
    await rmdir(await mkdtemp(join(above, ".signatures-")));
  } catch (cause) {
    throw unwritable(to, messageOf(cause), cause);
  }
}

function unwritable(to: string, why: string, cause?: unknown): HadronError {
  return new HadronError(`Could not write signatures to "${to}": ${why}`, {
    kind: "usage",
    code: "SIGNATURES_OUTPUT",
    at: to,
    hint: "Name a new folder, in one that you may write to",
    cause,
  });
}

/** Of an output that is laid out as the root is: named below the folder of the kernel's release, sorted. */
async function modulesOf(kernel: string): Promise<{ name: string; path: string }[]> {
  const folder = join(kernel, "usr/lib/modules");
  const [release, ...others] = await readdir(folder);
  if (release === undefined || others.length > 0) throw new Error(`"${folder}" holds not just one kernel`);
  const names = (await filesBelow(join(folder, release))).filter((name) => name.endsWith(".ko"));
  if (names.length === 0) throw new Error(`"${folder}" holds no modules`);
  return names.map((name) => ({ name, path: join(folder, release, name) }));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort(compareText);
}

async function readCertificate(from: string): Promise<X509Certificate> {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(await readFile(join(from, certificateFile)));
  } catch (cause) {
    throw refuse(from, `it has no ${certificateFile} that can be read`, cause);
  }
  const tooLong = certificateTooLong(certificate);
  if (tooLong !== undefined) throw refuse(from, tooLong);
  return certificate;
}

function some(names: readonly string[]): string {
  return names.length === 1 ? `${names[0]}` : `${names[0]} and ${names.length - 1} more`;
}

function refuse(from: string, why: string, cause?: unknown): HadronError {
  return new HadronError(`Could not take the signatures in "${from}": ${why}`, {
    kind: "input",
    code: "MODULE_SIGNATURES",
    at: from,
    hint: `They have to be over the modules of just this kernel: ${programName()} image … --save-signatures writes such a folder`,
    cause,
  });
}
