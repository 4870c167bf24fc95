import { takenBack } from "./broken-on-musl.ts";
import { groupIds, userIds } from "./ids.ts";

type Value = string | boolean | number;

/** Shown to users and in the boot loader's SBAT section as the place to report a fault. */
const reports = "https://hadron.invalid/issues";

/** What is built. Meson's `auto` features are off (the builder says so); these are on by name. */
const features: Record<string, Value> = {
  libc: "musl",
  blkid: "enabled",
  bootloader: "enabled",
  fdisk: "enabled",
  imds: "enabled",
  importd: "enabled",
  kmod: "enabled",
  libarchive: "enabled",
  // musl's own crypt(): for passwords that firstboot and sysusers are given.
  libcrypt: "enabled",
  libcryptsetup: "enabled",
  "libcryptsetup-plugins": "disabled",
  libcurl: "enabled",
  libmount: "enabled",
  nspawn: "enabled",
  openssl: "enabled",
  repart: "enabled",
  seccomp: "enabled",
  sysupdate: "enabled",
  // Its bus interface goes away in 263.
  sysupdated: "disabled",
  tpm2: "enabled",
  ukify: "enabled",
  xz: "enabled",
  zlib: "enabled",
  zstd: "enabled",
};

/** Boolean options, which Meson's `auto` does not reach: every one is decided here, or in `broken-on-musl.ts`. */
const parts: Record<string, Value> = {
  analyze: true,
  backlight: false,
  binfmt: false,
  "compat-sysv-interfaces": false,
  coredump: true,
  efi: true,
  "environment-d": false,
  firstboot: true,
  hibernate: false,
  hostnamed: true,
  // Clouds are recognised by it; see `hardware` in the recipe.
  hwdb: true,
  ima: false,
  initrd: true,
  ipe: false,
  "kernel-install": false,
  ldconfig: false,
  localed: false,
  logind: true,
  machined: false,
  mountfsd: false,
  networkd: true,
  nsresourced: false,
  oomd: true,
  portabled: false,
  pstore: true,
  quotacheck: false,
  randomseed: true,
  resolve: true,
  rfkill: false,
  smack: false,
  storagetm: false,
  sysext: true,
  sysinstall: true,
  sysusers: true,
  timedated: true,
  timesyncd: true,
  tmpfiles: true,
  tpm: true,
  userdb: false,
  vconsole: false,
  "xdg-autostart": false,
};

/** Without these the result would depend on the build host: its os-release, login.defs, clock or git. */
const pinned: Record<string, Value> = {
  mode: "release",
  "version-tag": "$VERSION",
  "vcs-tag": false,
  "time-epoch": "$SOURCE_DATE_EPOCH",
  "sbat-distro": "hadron",
  "sbat-distro-generation": 1,
  "sbat-distro-summary": "Hadron",
  "sbat-distro-pkgname": "systemd",
  "sbat-distro-version": "$VERSION",
  "sbat-distro-url": reports,
  "system-alloc-uid-min": 1,
  "system-alloc-gid-min": 1,
  "system-uid-max": 999,
  "system-gid-max": 999,
  "nobody-user": "nobody",
  "nobody-group": "nobody",
};

const layout: Record<string, Value> = {
  "split-bin": "false",
  "install-sysconfdir": "false",
  "create-log-dirs": false,
  bashcompletiondir: "no",
  zshcompletiondir: "no",
  "dbus-interfaces-dir": "no",
  pamconfdir: "no",
  rpmmacrosdir: "no",
  shellprofiledir: "no",
  sshconfdir: "no",
  sshdconfdir: "no",
  sshdprivsepdir: "no",
  html: "disabled",
  man: "disabled",
  translations: false,
  "fuzz-tests": false,
  "install-tests": false,
  "slow-tests": false,
  tests: "false",
};

const defaults: Record<string, Value> = {
  "agetty-path": "/usr/bin/agetty",
  "certificate-root": "/etc/ssl",
  "debug-shell": "/bin/sh",
  "default-dns-over-tls": "no",
  "default-dnssec": "no",
  "default-kill-user-processes": true,
  "default-llmnr": "no",
  "default-locale": "C.UTF-8",
  "default-mdns": "no",
  "default-user-shell": "/bin/sh",
  // No name server or time server is anyone's until the network or the configuration names one; NTP's pool is the exception.
  "dns-servers": "",
  "ntp-servers": "0.pool.ntp.org 1.pool.ntp.org 2.pool.ntp.org 3.pool.ntp.org",
  "fallback-default-target": "multi-user.target",
  "fallback-hostname": "hadron",
  "nologin-path": "/usr/bin/nologin",
  "sulogin-path": "/usr/bin/sulogin",
  "support-url": reports,
};

const ids: Record<string, Value> = Object.fromEntries([
  ...[
    "adm",
    "audio",
    "cdrom",
    "clock",
    "dialout",
    "disk",
    "empower",
    "input",
    "kmem",
    "kvm",
    "lp",
    "render",
    "sgx",
  ].map(groupId),
  ...["tape", "tty", "users", "utmp", "video", "wheel", "systemd-journal"].map(groupId),
  ...["systemd-imds", "systemd-network", "systemd-resolve", "systemd-timesync"].map(userId),
]);

export function mesonOptions(version: string): Record<string, Value> {
  const asked = Object.fromEntries(Object.keys(takenBack).map((name) => [name, true]));
  const all = { ...features, ...parts, ...asked, ...pinned, ...layout, ...defaults, ...ids };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value === "$VERSION" ? version : value]));
}

function groupId(name: string): [string, number] {
  return [`${name}-gid`, known(groupIds, name)];
}

function userId(name: string): [string, number] {
  return [`${name}-uid`, known(userIds, name)];
}

function known(table: Record<string, number>, name: string): number {
  const id = table[name];
  if (id === undefined) throw new Error(`No fixed number for "${name}"`);
  return id;
}
