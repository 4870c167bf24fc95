import { resolve } from "node:path";
import { isDay, makeKey, type PublicKey, readPublicKey } from "../../attest/mod.ts";
import { HadronError } from "../../base/mod.ts";
import { type NewModuleKey, writeNewModuleKey } from "../../image/mod.ts";
import { renderFacts } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import type { Input } from "../table.ts";

/** Of a key that signs artifacts. */
interface ArtifactKey {
  /** Of one that was made: where its private part is. */
  key?: string;
  publicKey: string;
  fingerprint: string;
  validUntil?: string;
  isTest: boolean;
}

/** RFC 5280, appendix A.1: the upper bound of a common name. */
const longestName = 64;

export const command = defineCommand("keys", {
  run: async (input): Promise<ArtifactKey | NewModuleKey> =>
    input.action === "new" && input.modules !== undefined
      ? newModuleKey(input.modules, input)
      : artifactKey(fileOf(input), input),
  render: (data) => ("path" in data ? renderModuleKey(data) : renderArtifactKey(data)),
});

async function artifactKey(path: string, { action, subject, test, validUntil }: Input<"keys">): Promise<ArtifactKey> {
  if (action === "show") return describe(await readPublicKey(path));
  if (subject !== undefined)
    throw unfit("--subject", "without --modules", "A key that signs artifacts is known by its fingerprint");
  if (validUntil !== undefined) assertDay(validUntil);
  const made = await makeKey(path, { test, validUntil });
  return { key: made.path, ...describe(made.publicKey) };
}

async function newModuleKey(path: string, input: Input<"keys">): Promise<NewModuleKey> {
  const { file, test, validUntil, subject = "Hadron kernel modules" } = input;
  const withModules = "with --modules";
  if (file !== undefined) throw unfit(`"${file}"`, withModules, "A key signs artifacts or modules: name one file");
  if (test) throw unfit("--test", withModules, "Say in --subject what it is for: every kernel with it shows that");
  if (validUntil !== undefined) throw unfit("--valid-until", withModules, "Kernels don't look at it: leave it out");
  if (subject.trim() === "" || [...subject].length > longestName)
    throw new HadronError(`Option --subject has the value "${subject}", expected 1 to ${longestName} characters`, {
      kind: "usage",
      code: "USAGE_VALUE",
      hint: "Name who signs, such as the company: it is shown where a signature is",
    });
  return writeNewModuleKey(resolve(path), subject);
}

function fileOf({ action, file }: Input<"keys">): string {
  if (file !== undefined) return resolve(file);
  throw new HadronError("No file is named", {
    kind: "usage",
    code: "USAGE_ARGUMENT",
    hint:
      action === "show"
        ? "Name a public key, such as release.pub"
        : "Name one, such as release.key; or, for a key that signs a kernel's modules, give --modules FILE",
  });
}

function describe({ name, fingerprint, validUntil, isTest }: PublicKey): ArtifactKey {
  return { publicKey: name, fingerprint, ...(validUntil === undefined ? {} : { validUntil }), isTest };
}

function renderArtifactKey({ key, publicKey, fingerprint, validUntil, isTest }: ArtifactKey): string {
  return renderFacts({
    key,
    "public key": publicKey,
    fingerprint,
    "valid until": validUntil,
    "": isTest ? "For tests: nothing that it signs is taken for a release" : undefined,
  });
}

function renderModuleKey({ path, subject, fingerprint }: NewModuleKey): string {
  const validUntil = "no end: kernels don't look at it";
  return renderFacts({ key: path, subject, "sha-256": fingerprint, "valid until": validUntil });
}

function assertDay(text: string): void {
  if (isDay(text) && Date.parse(`${text}T00:00:00Z`) > Date.now()) return;
  throw new HadronError(`Option --valid-until has the value "${text}", expected a day to come`, {
    kind: "usage",
    code: "USAGE_VALUE",
    hint: "Such as 2030-01-31",
  });
}

function unfit(what: string, where: string, hint: string): HadronError {
  const message = what.startsWith("--") ? `Option ${what}` : what;
  return new HadronError(`${message} has no meaning ${where}`, { kind: "usage", code: "USAGE_OPTION", hint });
}
