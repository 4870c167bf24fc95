import { join } from "node:path";
import { assertUsable, openPkcs11Key, readSigningKey, type SigningKey } from "../attest/mod.ts";
import { ensureToolboxSet } from "../engine/mod.ts";
import type { Context } from "./command.ts";

/** How the command line says where a key is. */
export interface KeyInput {
  key: string;
  allowTestKey: boolean;
  mirror: string | undefined;
  offline: boolean;
}

/** The key that signs: a file, or `pkcs11:…` in a token. @throws HadronError `KEY_…`, `PKCS11_FAILED` */
export async function openSigningKey(input: KeyInput, context: Context): Promise<SigningKey> {
  const { key, allowTestKey } = input;
  const { environment, signal } = context;
  const opened = key.startsWith("pkcs11:")
    ? await openPkcs11Key(key, { tool: await pkcs11Tool(input, context), environment, signal })
    : await readSigningKey(key, environment.HADRON_KEY_PASSPHRASE);
  assertUsable(opened.publicKey, { now: Date.now(), allowTestKey });
  return opened;
}

/** The toolbox's, by its own loader, or the one that the user names: some makers' modules want the libraries of this machine. */
async function pkcs11Tool(
  { mirror, offline }: KeyInput,
  { cacheRoot, emit, signal, environment }: Context,
): Promise<[string, ...string[]]> {
  if (environment.HADRON_PKCS11_TOOL) return [environment.HADRON_PKCS11_TOOL];
  const { path } = await ensureToolboxSet("signing", { cacheRoot, emit, mirror, offline, signal });
  return [
    join(path, "usr/lib64/ld-linux-x86-64.so.2"),
    ...["--library-path", join(path, "usr/lib/x86_64-linux-gnu")],
    join(path, "usr/bin/pkcs11-tool"),
  ];
}
