import { type FileHandle, open } from "node:fs/promises";
import { HadronError } from "../base/mod.ts";

/** Where one member lies inside an ar archive, in bytes. */
export interface ArMember {
  name: string;
  offset: number;
  size: number;
}

const magic = "!<arch>\n";
const headerSize = 60;

/**
 * Members of a common ar archive (ar(5)) with short names, which is what deb(5) allows.
 * @throws HadronError of kind `input`, code `AR_DAMAGED`, when the archive is not one, or ends too soon.
 */
export async function readArMembers(path: string): Promise<ArMember[]> {
  await using file = await open(path);
  const { size: total } = await file.stat();
  if ((await text(file, 0, magic.length)) !== magic)
    throw damaged(path, "it does not begin with the mark of an ar archive");
  const members: ArMember[] = [];
  let at = magic.length;
  while (at < total) {
    const header = await text(file, at, headerSize);
    const size = /^\d+ *$/.test(header.slice(48, 58)) ? Number(header.slice(48, 58)) : Number.NaN;
    if (header.length < headerSize || !header.endsWith("`\n") || Number.isNaN(size)) {
      throw damaged(path, `the header at byte ${at} is not one`);
    }
    const offset = at + headerSize;
    if (offset + size > total)
      throw damaged(path, `it ends at byte ${total}, inside of a member that ends at ${offset + size}`);
    members.push({ name: header.slice(0, 16).trimEnd().replace(/\/$/, ""), offset, size });
    at = offset + size + (size % 2);
  }
  return members;
}

async function text(file: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.toString("latin1", 0, bytesRead);
}

function damaged(path: string, why: string): HadronError {
  return new HadronError(`Damaged archive "${path}": ${why}`, {
    kind: "input",
    code: "AR_DAMAGED",
    at: path,
    hint: "Remove it, so that it is fetched again",
  });
}
