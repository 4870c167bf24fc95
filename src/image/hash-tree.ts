/**
 * Script that makes the dm-verity hash tree `root.verity` of `root.erofs` in the working folder, and the files `roothash`, `root.uuid` and
 * `verity.uuid`. The salt comes from the content, so that equal trees have equal hashes.
 * @param uuid Of the hash tree's superblock
 */
export function hashTree(uuid: string): string {
  return `salt=$(sha256sum root.erofs | cut -d ' ' -f 1)
veritysetup format --uuid=${uuid} --salt=$salt --root-hash-file=roothash root.erofs root.verity
veritysetup verify root.erofs root.verity $(cat roothash)
# Discoverable Partitions Specification: the first and last 128 bits of the root hash name the two partitions.
uuid() { echo "$1" | sed -E 's/^(.{8})(.{4})(.{4})(.{4})(.{12})$/\\1-\\2-\\3-\\4-\\5/'; }
uuid $(cut -c 1-32 roothash) > root.uuid
uuid $(cut -c 33-64 roothash) > verity.uuid
`;
}
