/** The little that linters ask of ELF files (64-bit, little-endian: all our targets; ELF-64 Object File Format 1.5). */
export interface Elf {
  /** Lines of the section `.comment`: one for each compiler that took part. */
  comments: string[];
  /** Of programs: the dynamic loader. */
  interpreter: string | undefined;
  /** Names of the libraries that the loader brings. */
  needed: string[];
  /** Libraries that the file opens by itself where it finds them; of each note the names that would do. */
  dlopened: string[][];
  /** Can be loaded anywhere: a library or a position-independent program. */
  isPositionIndependent: boolean;
  /** All relocations are done at the start, and their table is read-only after it. */
  hasFullRelro: boolean;
  hasExecutableStack: boolean;
  hasTextRelocations: boolean;
  /** Folders that the loader looks into for this file's libraries: DT_RPATH and DT_RUNPATH. */
  runpaths: string[];
  /** Symbols that only linkers and debuggers read, and debugging sections. */
  strippable: string[];
  /** Calls what reports an overwritten stack, or brings it. */
  hasStackProtector: boolean;
  /** Has landing pads for indirect branches (ENDBR64); where the processor is no x86, nothing is asked of it. */
  hasLandingPads: boolean;
  /** Bytes of machine code. */
  codeSize: number;
}

interface Section {
  name: string;
  type: number;
  /** Bytes from the start of the file. */
  offset: number;
  bytes: Buffer;
  link: number;
}

/** Section types. */
const noBits = 8;
const dynamic = 6;

/** Program header types, and the flag for what can be executed. */
const gnuStack = 0x6474e551;
const gnuRelro = 0x6474e552;
const executable = 1;

/** Tags of the dynamic section, and flags in two of them. */
const tags = {
  needed: 1n,
  rpath: 15n,
  textRelocations: 22n,
  bindNow: 24n,
  runpath: 29n,
  flags: 30n,
  flags1: 0x6ffffffbn,
};
const flagTextRelocations = 4n;
const flagBindNow = 8n;
const flag1Now = 1n;

/** Type of a note about libraries opened at run time; https://systemd.io/ELF_DLOPEN_METADATA. */
const dlopenNote = 0x407c0c0a;

const x86 = 62;
const endbr64 = Buffer.from([0xf3, 0x0f, 0x1e, 0xfa]);

/** Where the sections lie that have bytes in the file. @returns undefined for what is not such a file, or a damaged one. */
export function elfSections(bytes: Buffer): { name: string; offset: number; size: number }[] | undefined {
  return ofElf(bytes, () =>
    readSections(bytes).flatMap((section) =>
      section.bytes.length === 0 ? [] : [{ name: section.name, offset: section.offset, size: section.bytes.length }],
    ),
  );
}

/** @returns undefined for what is not such a file, or a damaged one. */
export function parseElf(bytes: Buffer): Elf | undefined {
  return ofElf(bytes, () => {
    const sections = readSections(bytes);
    const segments = readSegments(bytes);
    const entries = sections
      .filter(({ type }) => type === dynamic)
      .flatMap((section) => readDynamic(section, sections));
    const named = (tag: bigint) => entries.filter((entry) => entry.tag === tag).map(({ text }) => text);
    const has = (tag: bigint, flag: bigint) =>
      entries.some((entry) => entry.tag === tag && (entry.value & flag) !== 0n);
    const isNow =
      has(tags.flags, flagBindNow) || has(tags.flags1, flag1Now) || entries.some(({ tag }) => tag === tags.bindNow);
    const stack = segments.find(({ type }) => type === gnuStack);
    const code = sections.find(({ name }) => name === ".text")?.bytes ?? Buffer.alloc(0);
    return {
      comments: strings(sections.find(({ name }) => name === ".comment")?.bytes),
      interpreter: strings(sections.find(({ name }) => name === ".interp")?.bytes)[0],
      needed: named(tags.needed),
      dlopened: sections.flatMap(({ name, bytes }) => (name === ".note.dlopen" ? readDlopenNotes(bytes) : [])),
      isPositionIndependent: bytes.readUInt16LE(16) === 3,
      hasFullRelro: isNow && segments.some(({ type }) => type === gnuRelro),
      // Without the header the kernel's default counts, which is an executable one.
      hasExecutableStack: stack === undefined || (stack.flags & executable) !== 0,
      hasTextRelocations:
        has(tags.flags, flagTextRelocations) || entries.some(({ tag }) => tag === tags.textRelocations),
      runpaths: [...named(tags.rpath), ...named(tags.runpath)].flatMap((list) => list.split(":")),
      strippable: sections.map(({ name }) => name).filter((name) => name === ".symtab" || name.startsWith(".debug_")),
      hasStackProtector: sections.some(
        ({ name, bytes: names }) => name === ".dynstr" && names.includes("__stack_chk_fail\0"),
      ),
      hasLandingPads: bytes.readUInt16LE(18) !== x86 || code.includes(endbr64),
      codeSize: code.length,
    };
  });
}

function ofElf<T>(bytes: Buffer, read: () => T): T | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readSegments(bytes: Buffer): { type: number; flags: number }[] {
  const at = Number(bytes.readBigUInt64LE(32));
  const [entrySize, count] = [bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => ({
    type: bytes.readUInt32LE(at + index * entrySize),
    flags: bytes.readUInt32LE(at + index * entrySize + 4),
  }));
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
      offset,
      bytes: bytes.subarray(offset, offset + size),
    };
  });
  const names = raw[namesIndex]?.bytes ?? Buffer.alloc(0);
  return raw.map(({ nameAt, ...section }) => ({ ...section, name: stringAt(names, nameAt) }));
}

/** `text` is what the value stands for where it is a place in the table of names. */
function readDynamic(section: Section, sections: readonly Section[]): { tag: bigint; value: bigint; text: string }[] {
  const names = sections[section.link]?.bytes ?? Buffer.alloc(0);
  const isName = (tag: bigint) => tag === tags.needed || tag === tags.rpath || tag === tags.runpath;
  return Array.from({ length: Math.floor(section.bytes.length / 16) }, (_, index) => {
    const tag = section.bytes.readBigUInt64LE(index * 16);
    const value = section.bytes.readBigUInt64LE(index * 16 + 8);
    return { tag, value, text: isName(tag) ? stringAt(names, Number(value)) : "" };
  });
}

function readDlopenNotes(bytes: Buffer): string[][] {
  const found: string[][] = [];
  // Not by masks: those take a size above 2 GiB for less than nothing.
  const aligned = (size: number) => Math.ceil(size / 4) * 4;
  for (let at = 0; at + 12 <= bytes.length; ) {
    const [nameSize, size, type] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 8)];
    const content = at + 12 + aligned(nameSize);
    if (type === dlopenNote) found.push(...readDlopenNote(bytes.toString("utf8", content, content + size)));
    at = content + aligned(size);
  }
  return found;
}

function readDlopenNote(text: string): string[][] {
  try {
    const items = JSON.parse(text.replace(/\0+$/, "")) as { soname?: string[] }[];
    return items.map(({ soname }) => soname ?? []);
  } catch {
    return [];
  }
}

function stringAt(table: Buffer, at: number): string {
  const end = table.indexOf(0, at);
  return table.toString("latin1", at, end < 0 ? table.length : end);
}

function strings(bytes: Buffer | undefined): string[] {
  return (bytes?.toString("latin1") ?? "").split("\0").filter((text) => text !== "");
}
