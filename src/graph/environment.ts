import type { Target } from "../recipe/mod.ts";

/** 2026-01-01T00:00:00Z: the clock of every build, in seconds. It only changes together with all outputs. */
export const sourceDateEpoch = 1767225600;

/** What every step sees, whatever it does. */
export function baseEnvironment(target: Target): Record<string, string> {
  return {
    ARCH: target.arch,
    EFI_ARCH: target.efi,
    FORCE_SOURCE_DATE: "1",
    HOME: "/build",
    HOST_TRIPLE: "x86_64-pc-linux-gnu",
    KCONFIG_NOTIMESTAMP: "1",
    KERNEL_ARCH: target.kernelArch,
    LC_ALL: "C.UTF-8",
    LOADER: target.loader,
    MAKEINFO: "true",
    PATH: "/cross/bin:/usr/bin:/usr/sbin:/bin:/sbin",
    PERL_HASH_SEED: "0",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONHASHSEED: "0",
    SOURCE_DATE_EPOCH: String(sourceDateEpoch),
    TRIPLE: target.triple,
    TZ: "UTC",
  };
}

/** What steps see that compile for the target. Hardening is in the compiler's own specs, so that nobody can forget it. */
export function crossEnvironment(target: Target): Record<string, string> {
  const tool = (name: string) => `${target.triple}-${name}`;
  const prefixMaps = "-ffile-prefix-map=/build=. -ffile-prefix-map=/sysroot=";
  return {
    AR: tool("ar"),
    AS: tool("as"),
    CC: tool("gcc"),
    CC_FOR_BUILD: "gcc",
    CFLAGS: `-O2 ${prefixMaps}`,
    HOSTCC: "gcc",
    LD: tool("ld"),
    LDFLAGS: "-Wl,--as-needed",
    NM: tool("nm"),
    OBJCOPY: tool("objcopy"),
    OBJDUMP: tool("objdump"),
    PKG_CONFIG: "pkg-config",
    PKG_CONFIG_LIBDIR: "/sysroot/usr/lib/pkgconfig:/sysroot/usr/share/pkgconfig",
    PKG_CONFIG_SYSROOT_DIR: "/sysroot",
    RANLIB: tool("ranlib"),
    READELF: tool("readelf"),
    STRIP: tool("strip"),
  };
}
