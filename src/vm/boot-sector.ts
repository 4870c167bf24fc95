/**
 * A BIOS boot sector that ends QEMU by its debug exit port (isa-debug-exit at 0xf4) with status (0x10 << 1) | 1.
 * Should the port be missing, it halts.
 */
export function exitingBootSector(): Uint8Array {
  const sector = new Uint8Array(512);
  sector.set([
    ...[0xb0, 0x10], // mov al, 0x10
    ...[0xe6, 0xf4], // out 0xf4, al
    ...[0xf4], // hlt
    ...[0xeb, 0xfd], // jmp to hlt
  ]);
  sector.set([0x55, 0xaa], 510);
  return sector;
}
