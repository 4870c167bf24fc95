import type { Architecture } from "./options.ts";

/** What differs between the architectures of guests, as data. Paths are inside the toolbox set `vm`. */
export interface Machine {
  qemu: string;
  /** The value of `-machine`. */
  type: string;
  tpmDevice: string;
  firmware: { code: string; variables: string };
  /** The build with System Management Mode, which guards the keys; missing where there is none. */
  secureFirmware?: { code: string; variables: string };
  hasBios: boolean;
  hasDebugExit: boolean;
  /** Six ports of AHCI, without asking. */
  hasSata: boolean;
}

export const machines: Record<Architecture, Machine> = {
  x86_64: {
    qemu: "/usr/bin/qemu-system-x86_64",
    type: "q35",
    tpmDevice: "tpm-crb",
    firmware: { code: "/usr/share/OVMF/OVMF_CODE_4M.fd", variables: "/usr/share/OVMF/OVMF_VARS_4M.fd" },
    secureFirmware: {
      code: "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd",
      variables: "/usr/share/OVMF/OVMF_VARS_4M.fd",
    },
    hasBios: true,
    hasDebugExit: true,
    hasSata: true,
  },
  aarch64: {
    qemu: "/usr/bin/qemu-system-aarch64",
    type: "virt",
    tpmDevice: "tpm-tis-device",
    firmware: { code: "/usr/share/AAVMF/AAVMF_CODE.fd", variables: "/usr/share/AAVMF/AAVMF_VARS.fd" },
    hasBios: false,
    hasDebugExit: false,
    hasSata: false,
  },
};
