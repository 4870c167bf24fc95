/** What the OS runs on. Steps always run on the build host's architecture and compile for a target. */
export interface Target {
  arch: Arch;
  /** GNU triple of our toolchain: `x86_64-hadron-linux-musl`. */
  triple: string;
  /** `ARCH=` of the Linux kernel's build. */
  kernelArch: "x86" | "arm64";
  /** The kernel image's path in its build tree. */
  kernelImage: string;
  /** File name of musl's dynamic loader in /lib. */
  loader: string;
  /** EFI's name of the architecture: `linux<efi>.efi.stub`, `BOOT<EFI>.EFI`. */
  efi: "x64" | "aa64";
}

export type Arch = "x86_64" | "aarch64";

export const targets: Record<Arch, Target> = {
  x86_64: {
    arch: "x86_64",
    triple: "x86_64-hadron-linux-musl",
    kernelArch: "x86",
    kernelImage: "arch/x86/boot/bzImage",
    loader: "ld-musl-x86_64.so.1",
    efi: "x64",
  },
  aarch64: {
    arch: "aarch64",
    triple: "aarch64-hadron-linux-musl",
    kernelArch: "arm64",
    kernelImage: "arch/arm64/boot/Image",
    loader: "ld-musl-aarch64.so.1",
    efi: "aa64",
  },
};
