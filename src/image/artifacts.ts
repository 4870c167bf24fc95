import { copySparseFile, writeQcow2 } from "../formats/mod.ts";
import type { Image } from "../rootfs/mod.ts";

/** What an image can be turned into, and how it comes from the output of one of the image's steps. */
export interface Artifact {
  summary: string;
  /** The step that makes it: `<image>:<part>`. */
  part: string;
  /** The file in that step's output. */
  file: (image: Pick<Image, "name">) => string;
  /** Makes the artifact of that file. Leaves whatever it has written when it fails. */
  write: (from: string, to: string, options: { signal?: AbortSignal | undefined }) => Promise<void>;
}

export const artifacts = {
  disk: {
    summary: "raw disk image, to be written to a disk or grown",
    part: "disk",
    file: () => "disk.raw",
    write: copySparseFile,
  },
  qcow2: {
    summary: "the same disk for QEMU, compressed",
    part: "disk",
    file: () => "disk.raw",
    write: writeQcow2,
  },
  uki: {
    summary: "unified kernel image: kernel, initrd, command line",
    part: "uki",
    file: ({ name }) => `${name}.efi`,
    write: copySparseFile,
  },
  iso: {
    summary: "live medium for CD and stick, runs from RAM",
    part: "iso",
    file: ({ name }) => `${name}.iso`,
    write: copySparseFile,
  },
} satisfies Record<string, Artifact>;

export type ArtifactKind = keyof typeof artifacts;
