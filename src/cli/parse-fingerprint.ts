import { HadronError } from "../base/mod.ts";

/** The fingerprint of an OpenPGP key as people copy it: with spaces or without, in either case. @throws HadronError `USAGE_VALUE` */
export function parseFingerprint(text: string): string {
  const digits = text.replace(/\s/g, "").replace(/^0x/i, "").toUpperCase();
  if (/^([0-9A-F]{40}|[0-9A-F]{64})$/.test(digits)) return digits;
  throw new HadronError(`"${text}" is not the fingerprint of a key, expected 40 or 64 hexadecimal digits`, {
    kind: "usage",
    code: "USAGE_VALUE",
    hint: "The short id of a key can be forged: give the whole fingerprint, as gpg --show-keys prints it",
  });
}
