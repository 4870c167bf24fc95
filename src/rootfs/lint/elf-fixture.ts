/** Makes a small ELF file with the sections that linters read. For tests. */
export function elfFile(content: { comments?: string[]; interpreter?: string; needed?: string[] }): Buffer {
  const names = ["", ".shstrtab", ".comment", ".interp", ".dynstr", ".dynamic"];
  const table = (words: string[]) => Buffer.from(words.map((word) => `${word}\0`).join(""), "latin1");
  const libraries = content.needed ?? [];
  const strings = table(["", ...libraries]);
  const offsets = libraries.map((_, index) => table(["", ...libraries.slice(0, index)]).length);
  const dynamic = Buffer.alloc((libraries.length + 1) * 16);
  for (const [index, offset] of offsets.entries()) {
    dynamic.writeBigUInt64LE(1n, index * 16);
    dynamic.writeBigUInt64LE(BigInt(offset), index * 16 + 8);
  }
  const bodies = [
    Buffer.alloc(0),
    table(names),
    table(content.comments ?? []),
    content.interpreter === undefined ? Buffer.alloc(0) : table([content.interpreter]),
    strings,
    dynamic,
  ];
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeBigUInt64LE(64n, 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(bodies.length, 60);
  header.writeUInt16LE(1, 62);
  let at = 64 + bodies.length * 64;
  const sections = bodies.map((body, index) => {
    const section = Buffer.alloc(64);
    section.writeUInt32LE(table(names.slice(0, index)).length, 0);
    section.writeUInt32LE([0, 3, 1, 1, 3, 6][index] ?? 0, 4);
    section.writeBigUInt64LE(BigInt(at), 24);
    section.writeBigUInt64LE(BigInt(body.length), 32);
    section.writeUInt32LE(index === 5 ? 4 : 0, 40);
    at += body.length;
    return section;
  });
  return Buffer.concat([header, ...sections, ...bodies]);
}
