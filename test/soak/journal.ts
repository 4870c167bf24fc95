/** Lines of the journal that a healthy node may write at warning or above. Five at most; each has its reason. */
export const acceptedLines: { pattern: RegExp; reason: string }[] = [
  {
    pattern: /^kernel: (tsc: Unable to calibrate against PIT|APIC calibration not consistent with PM-Timer: .*)$/,
    reason:
      "The timers of an emulated machine are late where its host is busy; the kernel compares them, and takes another",
  },
  {
    pattern: /^kernel: mtrr: your CPUs had inconsistent .* settings$/,
    reason: "QEMU starts its CPUs with different memory type registers; the kernel makes them equal, and says so",
  },
  {
    pattern: /^dbus-daemon: Failed to drop supplementary groups: Operation not permitted$/,
    reason: "systemd starts it as its own user, without supplementary groups: it has nothing to drop, and no right to",
  },
];

interface Entry {
  MESSAGE?: string | number[];
  SYSLOG_IDENTIFIER?: string;
}

/** What of `journalctl -o json` is accepted by no pattern, as `identifier: message`. */
export function unexpectedLines(journal: string): string[] {
  return journal
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { MESSAGE = "", SYSLOG_IDENTIFIER = "" } = JSON.parse(line) as Entry;
      // A message that is no plain text comes as a list of its bytes.
      const message = typeof MESSAGE === "string" ? MESSAGE : Buffer.from(MESSAGE).toString("utf8");
      return `${SYSLOG_IDENTIFIER}: ${message}`;
    })
    .filter((line) => !acceptedLines.some(({ pattern }) => pattern.test(line)));
}
