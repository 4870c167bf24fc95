import { generateKeyPairSync } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { noExpiry, selfSignedCertificate, signDetached } from "../../src/formats/mod.ts";
import { runCommand } from "../bench/command.ts";
import { freePlace } from "./build.ts";

const mark = Buffer.from("~Module signature appended~\n");
/** include/linux/module_signature.h */
const header = 12;

/** A module that needs no other, as it is shipped and as nobody may load it. */
export const spoilt = {
  "cut-off": "without its signature",
  changed: "with one byte changed",
  foreign: "with a signature by another key",
} as const;

/**
 * A disk that holds such modules as a tar archive: `good.ko`, and one `….ko` for each way of spoiling it.
 * @param packed `….ko.zst`, signed
 */
export async function spoiltModulesDisk(packed: string): Promise<string> {
  const folder = await freePlace("modules");
  await mkdir(folder, { recursive: true });
  const good = zstdDecompressSync(await readFile(packed));
  const end = good.length - mark.length - header;
  const module = good.subarray(0, end - good.readUInt32BE(end + 8));
  const changed = Buffer.from(good);
  const middle = Math.floor(module.length / 2);
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  const files: Record<keyof typeof spoilt | "good", Buffer> = {
    good,
    "cut-off": module,
    changed,
    foreign: Buffer.concat([module, appendix(foreignSignature(module))]),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, `${name}.ko`), bytes);
  const disk = await freePlace("modules.raw");
  runCommand([
    "tar",
    "--create",
    "--file",
    disk,
    "--directory",
    folder,
    ...Object.keys(files).map((name) => `${name}.ko`),
  ]);
  return disk;
}

function foreignSignature(module: Buffer): Buffer {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 4096 });
  const fields = { commonName: "Somebody else", serial: Buffer.from([1]), notBefore: new Date(0), notAfter: noExpiry };
  return signDetached(module, { privateKey, certificate: selfSignedCertificate(privateKey, fields) });
}

function appendix(signature: Buffer): Buffer {
  const words = Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  words.writeUInt32BE(signature.length, 8);
  return Buffer.concat([signature, words, mark]);
}
