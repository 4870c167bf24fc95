import type { Image } from "../rootfs/mod.ts";

/** What an image can be turned into: the step that makes it (`<image>:<part>`) and the file in that step's output. */
export interface Artifact {
  summary: string;
  part: string;
  file: (image: Image) => string;
}

export const artifacts = {
  disk: { summary: "raw disk image, to be written to a disk or grown", part: "disk", file: () => "disk.raw" },
  qcow2: { summary: "the same disk for QEMU, sparse", part: "qcow2", file: () => "disk.qcow2" },
  uki: {
    summary: "unified kernel image: kernel, initrd, command line",
    part: "uki",
    file: ({ name }) => `${name}.efi`,
  },
  iso: { summary: "live medium for CD and stick, runs from RAM", part: "iso", file: ({ name }) => `${name}.iso` },
} satisfies Record<string, Artifact>;

export type ArtifactKind = keyof typeof artifacts;
