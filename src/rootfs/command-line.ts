/** Kernel command lines, word by word. The place for a word is here only if it must hold in every boot. */

const always = [
  // A boot that ends in a crash must end in a reboot, so that the loader's counter runs down (seconds).
  "panic=10",
  "systemd.crash_action=reboot",
  // With a damaged primary GPT, Linux uses the backup only when told so.
  "gpt",
  "quiet",
  "systemd.show_status=auto",
];

/** A disk: the root is found by the hash that the build appends, on the disk that the loader came from. */
export const diskCommandLine: string[] = [
  ...always,
  "rootfstype=erofs",
  // A disk without a /var that can be mounted is of no use to anybody: repair what can be repaired.
  "fsck.repair=yes",
  // Reading a block that is not what was built stops the machine instead of returning it.
  "systemd.verity_root_options=panic-on-corruption",
];

/** The whole OS in memory. */
export const liveCommandLine: string[] = [...always];

/** Where a serial console is the machine's console; the last one named is /dev/console. */
export const serialConsole: Record<string, string[]> = {
  x86_64: ["console=tty0", "console=ttyS0,115200"],
  aarch64: ["console=tty0", "console=ttyAMA0,115200"],
};

/**
 * Words that follow from the root hash. The devices are named by the links of 61-hadron.rules, which exist for the disk that
 * the loader came from only: systemd's own default (by-partuuid) is ambiguous with a second disk of the same image.
 * @param hash Root hash, data and hash partition's UUID; shell expressions will do.
 */
export function verityCommandLine(hash: { root: string; dataUuid: string; hashUuid: string }): string[] {
  return [
    `roothash=${hash.root}`,
    `systemd.verity_root_data=/dev/disk/by-hadron/partuuid/${hash.dataUuid}`,
    `systemd.verity_root_hash=/dev/disk/by-hadron/partuuid/${hash.hashUuid}`,
  ];
}
