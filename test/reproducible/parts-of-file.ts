import { elfSections } from "../../src/rootfs/lint/elf.ts";
import { readAt, type Stretch } from "./stretch.ts";

/** What a file consists of, by the names that its own format has for it. */
export interface Parts {
  /** What one is called: `section`. */
  word: string;
  /** By name; the second of a name is `NAME (2)`. */
  parts: Map<string, Stretch>;
}

/** `undefined`: it is not of the format, or too damaged to say. */
type Reader = (whole: Stretch) => Promise<[name: string, offset: number, size: number][] | undefined>;

/** Formats that are looked into. Compressed ones are not: one byte changes all that follows. */
const formats: { word: string; read: Reader }[] = [
  { word: "section", read: readElf },
  { word: "section", read: readPe },
  { word: "member", read: readAr },
  { word: "entry", read: readTar },
  { word: "partition", read: readGpt },
];

export async function partsOf(whole: Stretch): Promise<Parts | undefined> {
  for (const { word, read } of formats) {
    // The header of an archive's entry looks like an archive itself: a part is less than the whole.
    const found = (await read(whole))?.filter(([, offset, size]) => size < whole.size && offset + size <= whole.size);
    if (!found || found.length === 0) continue;
    const parts = new Map<string, Stretch>();
    for (const [name, offset, size] of found) {
      let unique = name;
      for (let count = 2; parts.has(unique); count++) unique = `${name} (${count})`;
      parts.set(unique, { file: whole.file, offset: whole.offset + offset, size });
    }
    return { word, parts };
  }
  return undefined;
}

async function readElf(whole: Stretch): ReturnType<Reader> {
  if ((await readAt(whole, 0, 4)).toString("latin1") !== "\x7fELF") return undefined;
  return elfSections(await readAt(whole, 0, whole.size))?.map(({ name, offset, size }) => [name, offset, size]);
}

/** PE Format, "COFF File Header" and "Section Table": UKIs, boot loaders. */
async function readPe(whole: Stretch): ReturnType<Reader> {
  const head = await readAt(whole, 0, 4096);
  if (head.length < 4096 || head.toString("latin1", 0, 2) !== "MZ") return undefined;
  const at = head.readUInt32LE(0x3c);
  if (at > 3072 || head.toString("latin1", at, at + 4) !== "PE\0\0") return undefined;
  const count = head.readUInt16LE(at + 6);
  const table = await readAt(whole, at + 24 + head.readUInt16LE(at + 20), count * 40);
  return Array.from({ length: Math.floor(table.length / 40) }, (_, index) => {
    const entry = table.subarray(index * 40, index * 40 + 40);
    const name = entry.toString("latin1", 0, 8).replace(/\0+$/, "");
    return [name, entry.readUInt32LE(20), entry.readUInt32LE(16)];
  });
}

/** ar(5), with GNU's table of long names: static libraries. */
async function readAr(whole: Stretch): ReturnType<Reader> {
  if ((await readAt(whole, 0, 8)).toString("latin1") !== "!<arch>\n") return undefined;
  const found: [string, number, number][] = [];
  let longNames = "";
  for (let at = 8; at < whole.size; ) {
    const header = (await readAt(whole, at, 60)).toString("latin1");
    const size = Number(/^\d+(?= *$)/.exec(header.slice(48, 58))?.[0]);
    if (!header.endsWith("`\n") || Number.isNaN(size)) return undefined;
    const short = header.slice(0, 16).trimEnd();
    if (short === "//") longNames = (await readAt(whole, at + 60, size)).toString("latin1");
    const place = /^\/(\d+)$/.exec(short)?.[1];
    const name = place === undefined ? short : (longNames.slice(Number(place)).split("\n")[0] ?? short);
    found.push([name.replace(/(?<=.)\/$/, ""), at + 60, size]);
    at += 60 + size + (size % 2);
  }
  return found;
}

/** ustar (POSIX.1-2017 pax); a long name of its extended header is left out. */
async function readTar(whole: Stretch): ReturnType<Reader> {
  if ((await readAt(whole, 257, 5)).toString("latin1") !== "ustar") return undefined;
  const found: [string, number, number][] = [];
  const text = (header: Buffer, from: number, length: number) =>
    header.toString("utf8", from, from + length).split("\0")[0] ?? "";
  for (let at = 0; at + 512 <= whole.size; ) {
    const header = await readAt(whole, at, 512);
    if (header[0] === 0) break;
    const size = Number.parseInt(/^[0-7]+/.exec(text(header, 124, 12).trim())?.[0] ?? "", 8);
    if (Number.isNaN(size)) return undefined;
    const [prefix, name] = [text(header, 345, 155), text(header, 0, 100)];
    const path = prefix === "" ? name : `${prefix}/${name}`;
    found.push([path === "" ? "unnamed" : `header of ${path}`, at, 512]);
    if (size > 0) found.push([path, at + 512, size]);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

/** UEFI specification, "GUID Partition Table (GPT) Disk Layout"; sectors of 512 bytes. */
async function readGpt(whole: Stretch): ReturnType<Reader> {
  const header = await readAt(whole, 512, 92);
  if (header.length < 92 || header.toString("latin1", 0, 8) !== "EFI PART") return undefined;
  const [at, count, entryBytes] = [Number(header.readBigUInt64LE(72)) * 512, header.readUInt32LE(80), 128];
  if (header.readUInt32LE(84) !== entryBytes) return undefined;
  const table = await readAt(whole, at, Math.min(count, 1024) * entryBytes);
  return Array.from({ length: Math.floor(table.length / entryBytes) }, (_, index) =>
    table.subarray(index * entryBytes, (index + 1) * entryBytes),
  ).flatMap((entry) => {
    const [first, last] = [Number(entry.readBigUInt64LE(32)), Number(entry.readBigUInt64LE(40))];
    const name = entry.toString("utf16le", 56, 128).replace(/\0+$/, "");
    return first === 0 ? [] : [[name, first * 512, (last - first + 1) * 512] as [string, number, number]];
  });
}
