/**
 * What the initrd has beside `initrd-contents.ts` where the image's /var is bound to a TPM: what talks to the TPM, what opens /var, and
 * the units of `os-tpm2/`.
 */

export const tpm2Programs: string[] = ["usr/bin/systemd-cryptsetup", "usr/lib/systemd/systemd-pcrextend"];

/** Loaded by those two and by systemd-repart. */
export const tpm2Libraries: string[] = [
  "libcrypto.so.3",
  "libtss2-esys.so.0",
  "libtss2-mu.so.0",
  "libtss2-rc.so.0",
  "libtss2-tcti-device.so.0",
];

export const tpm2Units: string[] = [
  "hadron-open-var.service",
  "hadron-repart-tpm2.service",
  "hadron-repart.service.d/50-tpm2.conf",
  "sysroot-var.mount.d/50-tpm2.conf",
  "systemd-fsck@dev-disk-by\\x2dhadron-var.service.d/50-tpm2.conf",
  "systemd-pcrphase-initrd.service",
  "tpm2.target",
];

/** Unit → the target that starts it; `sysroot-var.mount` brings the others. */
export const tpm2Starts: Record<string, string> = {
  "systemd-pcrphase-initrd.service": "initrd.target.wants",
};

export const tpm2Files: string[] = ["usr/lib/hadron/repart-tpm2.d", "usr/lib/udev/rules.d/62-hadron-tpm2.rules"];
