export interface ElfContent {
  comments?: string[];
  interpreter?: string;
  needed?: string[];
  /** Names of libraries that a note says are opened at run time. */
  dlopened?: string[];
  runpath?: string;
  /** Default true. */
  isPositionIndependent?: boolean;
  hasFullRelro?: boolean;
  hasLandingPads?: boolean;
  /** Default false. */
  hasExecutableStack?: boolean;
  hasTextRelocations?: boolean;
  isUnstripped?: boolean;
  hasDebugInformation?: boolean;
  /** Bytes of code, zeros; default none. */
  codeSize?: number;
}

interface Part {
  name: string;
  type: number;
  body: Buffer;
  link?: string;
}

const table = (words: string[]) => Buffer.from(words.map((word) => `${word}\0`).join(""), "latin1");

/** Makes a small ELF file with the sections that linters read: a good one, but for what is asked for. For tests. */
export function elfFile(content: ElfContent): Buffer {
  const names = [...(content.needed ?? []), ...(content.runpath === undefined ? [] : [content.runpath])];
  const nameAt = (name: string) => table(["", ...names.slice(0, names.indexOf(name))]).length;
  const entries: [tag: number, value: number][] = [
    ...(content.needed ?? []).map((name): [number, number] => [1, nameAt(name)]),
    ...(content.runpath === undefined ? [] : [[29, nameAt(content.runpath)] as [number, number]]),
    ...(content.hasFullRelro === false ? [] : [[30, 8] as [number, number]]),
    ...(content.hasTextRelocations ? [[22, 0] as [number, number]] : []),
    [0, 0],
  ];
  const parts: Part[] = [
    { name: ".comment", type: 1, body: table(content.comments ?? []) },
    ...(content.interpreter === undefined ? [] : [{ name: ".interp", type: 1, body: table([content.interpreter]) }]),
    { name: ".dynstr", type: 3, body: table(["", ...names]) },
    { name: ".dynamic", type: 6, body: pairs(entries), link: ".dynstr" },
    ...(content.dlopened ? [{ name: ".note.dlopen", type: 7, body: dlopenNote(content.dlopened) }] : []),
    ...(content.isUnstripped ? [{ name: ".symtab", type: 2, body: Buffer.alloc(24) }] : []),
    ...(content.hasDebugInformation ? [{ name: ".debug_info", type: 1, body: Buffer.alloc(8) }] : []),
    { name: ".text", type: 1, body: code(content) },
  ];
  const segments: [type: number, flags: number][] = [
    [0x6474e551, content.hasExecutableStack ? 7 : 6],
    [0x6474e552, 4],
  ];
  return assemble(parts, segments, content.isPositionIndependent === false ? 2 : 3);
}

function code({ codeSize = 0, hasLandingPads = true }: ElfContent): Buffer {
  const bytes = Buffer.alloc(codeSize);
  if (hasLandingPads) bytes.set([0xf3, 0x0f, 0x1e, 0xfa].slice(0, codeSize));
  return bytes;
}

function pairs(entries: [number, number][]): Buffer {
  const bytes = Buffer.alloc(entries.length * 16);
  for (const [index, [tag, value]] of entries.entries()) {
    bytes.writeBigUInt64LE(BigInt(tag), index * 16);
    bytes.writeBigUInt64LE(BigInt(value), index * 16 + 8);
  }
  return bytes;
}

function dlopenNote(soname: string[]): Buffer {
  const json = Buffer.from(`${JSON.stringify([{ soname, feature: "test" }])}\0`);
  const note = Buffer.alloc(16 + ((json.length + 3) & ~3));
  note.writeUInt32LE(4, 0);
  note.writeUInt32LE(json.length, 4);
  note.writeUInt32LE(0x407c0c0a, 8);
  note.write("FDO\0", 12, "latin1");
  json.copy(note, 16);
  return note;
}

function assemble(parts: Part[], segments: [number, number][], type: number): Buffer {
  const all: Part[] = [{ name: "", type: 0, body: Buffer.alloc(0) }, ...parts];
  const names = [...all.map(({ name }) => name), ".shstrtab"];
  all.push({ name: ".shstrtab", type: 3, body: table(names) });
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeUInt16LE(type, 16);
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(segments.length, 56);
  header.writeBigUInt64LE(BigInt(64 + segments.length * 56), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(all.length, 60);
  header.writeUInt16LE(all.length - 1, 62);
  const segmentHeaders = segments.map(([kind, flags]) => {
    const segment = Buffer.alloc(56);
    segment.writeUInt32LE(kind, 0);
    segment.writeUInt32LE(flags, 4);
    return segment;
  });
  let at = 64 + segments.length * 56 + all.length * 64;
  const sectionHeaders = all.map((part, index) => {
    const section = Buffer.alloc(64);
    section.writeUInt32LE(table(names.slice(0, index)).length, 0);
    section.writeUInt32LE(part.type, 4);
    section.writeBigUInt64LE(BigInt(at), 24);
    section.writeBigUInt64LE(BigInt(part.body.length), 32);
    const link = part.link;
    section.writeUInt32LE(link === undefined ? 0 : all.findIndex(({ name }) => name === link), 40);
    at += part.body.length;
    return section;
  });
  return Buffer.concat([header, ...segmentHeaders, ...sectionHeaders, ...all.map(({ body }) => body)]);
}
