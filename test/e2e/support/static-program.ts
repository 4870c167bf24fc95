/**
 * A whole statically linked program for Linux on x86-64 that prints a text and ends: an ELF header, one segment, two system calls.
 * It shows that a program needs nothing of the OS but its kernel.
 */
export function staticProgram(text: string): Buffer {
  const base = 0x400000;
  const headers = 64 + 56;
  const message = Buffer.from(text);
  const code = Buffer.from([
    ...[0xb8, 1, 0, 0, 0], // mov eax, 1: write
    ...[0xbf, 1, 0, 0, 0], // mov edi, 1
    ...[0x48, 0x8d, 0x35, 0x10, 0, 0, 0], // lea rsi, [rip + 16]: the text, right after the code
    ...[0xba, message.length & 0xff, message.length >> 8, 0, 0], // mov edx, length
    ...[0x0f, 0x05],
    ...[0xb8, 60, 0, 0, 0], // mov eax, 60: exit
    ...[0x31, 0xff], // xor edi, edi
    ...[0x0f, 0x05],
  ]);
  const size = headers + code.length + message.length;
  const header = Buffer.alloc(headers);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(62, 18); // EM_X86_64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(base + headers), 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // PT_LOAD
  header.writeUInt32LE(5, 68); // readable, executable
  header.writeBigUInt64LE(BigInt(base), 80);
  header.writeBigUInt64LE(BigInt(base), 88);
  header.writeBigUInt64LE(BigInt(size), 96);
  header.writeBigUInt64LE(BigInt(size), 104);
  header.writeBigUInt64LE(4096n, 112);
  return Buffer.concat([header, code, message]);
}
