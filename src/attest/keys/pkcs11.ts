import { createHash, createPublicKey } from "node:crypto";
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HadronError, messageOf, runProcess } from "../../base/mod.ts";
import { malformedKey } from "./key-pem.ts";
import { publicKeyOf } from "./public-key.ts";
import type { SigningKey } from "./signing-key.ts";

/** What of a PKCS #11 URI (RFC 7512) names a key. */
export interface Pkcs11Key {
  /** The library of the token's maker. */
  module: string;
  token?: string;
  object?: string;
  /** Hexadecimal. */
  id?: string;
}

const known = ["token", "object", "id", "type", "module-path"];

/** @throws HadronError `KEY_MALFORMED` */
export function parsePkcs11Uri(uri: string): Pkcs11Key {
  // A PIN in a command line is read by everybody on the machine; no message is to carry it further, whatever else is wrong.
  if (/pin-value/i.test(uri))
    throw malformedKey(uri.replace(/pin-value.*$/is, "pin-value=…"), "it holds a PIN: set HADRON_PKCS11_PIN instead");
  const [path = "", query = ""] = uri.replace(/^pkcs11:/, "").split("?");
  const attributes = new Map<string, string>();
  for (const part of [...path.split(";"), ...query.split("&")].filter((one) => one !== "")) {
    const [name = "", value = ""] = part.split("=", 2);
    if (!known.includes(name)) throw malformedKey(uri, `"${name}" is not known; known: ${known.join(", ")}`);
    attributes.set(name, value);
  }
  const text = (name: string) => {
    const value = attributes.get(name);
    return value === undefined ? undefined : decode(value, uri).toString("utf8");
  };
  const module = text("module-path");
  if (module === undefined) throw malformedKey(uri, "module-path is missing: the library that speaks to the token");
  const id = attributes.has("id") ? decode(attributes.get("id") ?? "", uri).toString("hex") : undefined;
  const [token, object] = [text("token"), text("object")];
  if (object === undefined && id === undefined) throw malformedKey(uri, "neither object nor id names the key");
  return {
    module,
    ...(token === undefined ? {} : { token }),
    ...(object === undefined ? {} : { object }),
    ...(id === undefined ? {} : { id }),
  };
}

export interface Pkcs11Options {
  /** The command `pkcs11-tool` of OpenSC. */
  tool: readonly [string, ...string[]];
  /** Holds what the module reads, such as `SOFTHSM2_CONF`, and the PIN as `HADRON_PKCS11_PIN`. */
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
}

/**
 * A key in a token, by way of OpenSC's `pkcs11-tool`: the private part never leaves the token.
 * @throws HadronError `KEY_MALFORMED`, `PKCS11_FAILED`
 */
export async function openPkcs11Key(uri: string, options: Pkcs11Options): Promise<SigningKey> {
  const key = parsePkcs11Uri(uri);
  if (!options.environment.HADRON_PKCS11_PIN)
    throw failed(uri, "HADRON_PKCS11_PIN is not set", "Set it to the PIN of the token's user");
  const der = await inFolder(async (folder) => {
    const output = join(folder, "public");
    await runTool(uri, key, ["--read-object", "--type", "pubkey", "--output-file", output], options);
    return readFile(output);
  });
  let publicKey: SigningKey["publicKey"];
  try {
    publicKey = publicKeyOf(createPublicKey({ key: der, format: "der", type: "spki" }), { name: uri });
  } catch (error) {
    throw error instanceof HadronError ? error : malformedKey(uri, messageOf(error), error);
  }
  const sign: SigningKey["sign"] = async (data) => {
    const digest = createHash("sha256");
    for await (const chunk of data instanceof Uint8Array ? [data] : data) digest.update(chunk);
    return inFolder(async (folder) => {
      const [input, output] = [join(folder, "digest"), join(folder, "signature")];
      await writeFile(input, digest.digest());
      const words = ["--sign", "--mechanism", "ECDSA", "--signature-format", "openssl"];
      await runTool(uri, key, [...words, "--input-file", input, "--output-file", output], options);
      return readFile(output);
    });
  };
  const trial = Buffer.from("hadron");
  if (publicKey.verify(trial, await sign(trial))) return { publicKey, sign };
  throw failed(uri, "its public and its private part don't belong together", "Name the key by its id as well");
}

async function runTool(uri: string, key: Pkcs11Key, words: string[], options: Pkcs11Options): Promise<void> {
  const [program, ...before] = options.tool;
  const env = Object.fromEntries(
    Object.entries(options.environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const args = [
    ...before,
    ...["--module", key.module, "--login", "--pin", "env:HADRON_PKCS11_PIN"],
    ...(key.token === undefined ? [] : ["--token-label", key.token]),
    ...(key.object === undefined ? [] : ["--label", key.object]),
    ...(key.id === undefined ? [] : ["--id", key.id]),
    ...words,
  ];
  const result = await runProcess(program, args, {
    env,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch((error: unknown) => {
    throw failed(
      uri,
      `"${program}" can't be started: ${messageOf(error)}`,
      "HADRON_PKCS11_TOOL names another pkcs11-tool",
    );
  });
  options.signal?.throwIfAborted();
  if (result.exitCode === 0) return;
  const lines = result.stderr.split("\n").map((line) => line.trim().replace(/^error: /, ""));
  const said = lines.filter((line) => line !== "" && line !== "Aborting.").at(-1);
  throw failed(
    uri,
    said ?? `it ended with status ${result.exitCode}`,
    "Check the token, the names in the URI, the PIN, and that the module works on this machine",
  );
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-pkcs11-"));
  return await work(folder.path);
}

/** Percent-encoding stands for bytes. */
function decode(value: string, uri: string): Buffer {
  if (/%(?![0-9a-fA-F]{2})/.test(value)) throw malformedKey(uri, `"${value}" is not percent-encoded`);
  const parts = value.split(/(%[0-9a-fA-F]{2})/);
  return Buffer.concat(
    parts.map((part) => (/^%[0-9a-fA-F]{2}$/.test(part) ? Buffer.from(part.slice(1), "hex") : Buffer.from(part))),
  );
}

function failed(uri: string, why: string, hint: string): HadronError {
  return new HadronError(`Could not use the key "${uri}": ${why}`, {
    kind: "host",
    code: "PKCS11_FAILED",
    at: uri,
    hint,
  });
}
