/** The little that linters ask of ELF files (64-bit, little-endian: all our targets; ELF-64 Object File Format 1.5). */
export interface Elf {
  /** Lines of the section `.comment`: one for each compiler that took part. */
  comments: string[];
  /** Of programs: the dynamic loader. */
  interpreter: string | undefined;
  /** Names of the libraries that the loader brings. */
  needed: string[];
}

interface Section {
  name: string;
  type: number;
  bytes: Buffer;
  link: number;
}

const noBits = 8;
const dynamic = 6;
const neededTag = 1n;

/** @returns undefined for what is not such a file, or a damaged one. */
export function parseElf(bytes: Buffer): Elf | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  try {
    const sections = readSections(bytes);
    return {
      comments: strings(sections.find(({ name }) => name === ".comment")?.bytes),
      interpreter: strings(sections.find(({ name }) => name === ".interp")?.bytes)[0],
      needed: sections.filter(({ type }) => type === dynamic).flatMap((section) => readNeeded(section, sections)),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readSections(bytes: Buffer): Section[] {
  const at = Number(bytes.readBigUInt64LE(40));
  const [entrySize, count, namesIndex] = [bytes.readUInt16LE(58), bytes.readUInt16LE(60), bytes.readUInt16LE(62)];
  const raw = Array.from({ length: count }, (_, index) => {
    const header = at + index * entrySize;
    const type = bytes.readUInt32LE(header + 4);
    const offset = Number(bytes.readBigUInt64LE(header + 24));
    const size = type === noBits ? 0 : Number(bytes.readBigUInt64LE(header + 32));
    return {
      nameAt: bytes.readUInt32LE(header),
      type,
      link: bytes.readUInt32LE(header + 40),
      bytes: bytes.subarray(offset, offset + size),
    };
  });
  const names = raw[namesIndex]?.bytes ?? Buffer.alloc(0);
  return raw.map(({ nameAt, ...section }) => ({ ...section, name: stringAt(names, nameAt) }));
}

function readNeeded(section: Section, sections: readonly Section[]): string[] {
  const names = sections[section.link]?.bytes ?? Buffer.alloc(0);
  const found: string[] = [];
  for (let at = 0; at + 16 <= section.bytes.length; at += 16)
    if (section.bytes.readBigUInt64LE(at) === neededTag)
      found.push(stringAt(names, Number(section.bytes.readBigUInt64LE(at + 8))));
  return found;
}

function stringAt(table: Buffer, at: number): string {
  const end = table.indexOf(0, at);
  return table.toString("latin1", at, end < 0 ? table.length : end);
}

function strings(bytes: Buffer | undefined): string[] {
  return (bytes?.toString("latin1") ?? "").split("\0").filter((text) => text !== "");
}
