/**
 * What of systemd does not work with musl. The recipe's build looks for each message, so that it fails on the day when one of
 * them is no longer true: then the feature can be switched on, and its line here and in docs/systemd.md goes away.
 */

/** Options that Meson takes back with a warning. They are asked for, so that the warning comes. */
export const takenBack: Record<string, string> = {
  gshadow: "gshadow support is requested but musl does not support it, disabling it",
  idn: "idn support is requested but NI_IDN is not defined, disabling it",
  "nss-myhostname": "nss-myhostname support is requested but musl does not support it, disabling it",
  "nss-systemd": "nss-systemd support is requested but musl does not support it, disabling it",
  utmp: "utmp support is requested but musl does not support it, disabling it",
};

/** Options that Meson refuses. The build configures once more with the first of them; the others fail in the same line. */
export const refused: Record<string, string> = {
  "nss-resolve": "nss-resolve is requested but musl does not support it",
  "nss-mymachines": "nss-mymachines is requested but musl does not support it",
};

/** What systemd looks for in libc when it is compiled and runs without; the symbols are looked for in musl. */
export const missingSymbols: Record<string, string> = {
  fgetsgent: "group passwords",
  malloc_trim: "giving memory back when the system runs short of it",
};

/**
 * What builds and does not work: a command for a running system, which fails for as long as that is so, and what it says.
 * The name of a dynamic user comes from nss-systemd, which musl cannot load.
 */
export const failsAtRunTime: Record<string, { command: string; says: RegExp }> = {
  "DynamicUser=": {
    command: "systemd-run --quiet --wait --pipe --property=DynamicUser=yes --property=User=hadron-probe id -un",
    says: /unknown (ID|uid) \d+/,
  },
};
