import type { ProcessResult } from "../../../src/base/mod.ts";
import { hadronData } from "./hadron-command.ts";
import { judge } from "./judge.ts";
import type { SigningPlace } from "./signed-image.ts";

/** A version of cosign. Nothing is asked of anybody but the registry. */
export type Cosign = (args: string[]) => Promise<ProcessResult>;

/** It wants a home folder to keep a cache in, and would ask for a password. */
export const cosignEnvironment = { HOME: "/nonexistent", COSIGN_PASSWORD: "", LC_ALL: "C" };

/** Debian 13's cosign, 2.5, which looks for tags. */
export const cosign: Cosign = (args) => judge("signing", "usr/bin/cosign", args, cosignEnvironment);

/** What cosign's own words for it are. */
export const attestationTypes = ["slsaprovenance1", "spdxjson", "cyclonedx"];

/** Offline: with a key, and no transparency log. */
const offline = ["--insecure-ignore-tlog=true", "--offline", "--allow-http-registry"];

export function verifyWords(key: string, reference: string): string[] {
  return ["verify", "--key", key, ...offline, reference];
}

export function verifyAttestationWords(type: string, key: string, reference: string): string[] {
  return ["verify-attestation", "--type", type, "--key", key, ...offline, reference];
}

/** Has cosign sign an image by a key that it makes itself, and hadron verify that. */
export async function verifiedAfter(
  ask: Cosign,
  { reference, digest }: { reference: string; digest: string },
  { pair, more, plain }: { pair: string; more: string[] } & Pick<SigningPlace, "plain">,
): Promise<unknown> {
  const made = await ask(["generate-key-pair", "--output-key-prefix", pair]);
  if (made.exitCode !== 0) throw new Error(made.stderr);
  const at = `${reference.replace(/:v1$/, "")}@${digest}`;
  const log = ["--tlog-upload=false", ...more];
  const signed = await ask(["sign", "--yes", "--key", `${pair}.key`, ...log, "--allow-http-registry", at]);
  if (signed.exitCode !== 0) throw new Error(signed.stderr);
  // One in 4096 of its keys has a test key's fingerprint by chance.
  return hadronData(["verify", reference, "--key", `${pair}.pub`, "--allow-test-key", ...plain]);
}
