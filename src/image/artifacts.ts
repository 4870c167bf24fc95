import { HadronError } from "../base/mod.ts";
import { copySparseFile, writeQcow2 } from "../formats/mod.ts";
import { type Image, isBootable } from "../rootfs/mod.ts";
import { type ExtensionKind, extensionKinds } from "./extension.ts";
import { extensionFile } from "./extension-step.ts";
import { factsFile } from "./layers-step.ts";
import { writeDockerArchive, writeOciArchive, writeOciLayout } from "./oci-artifact.ts";

/** What an image can be turned into, and how it comes from the output of one of the image's steps. */
export interface Artifact {
  summary: string;
  /** The step that makes it: `<image>:<part>`. */
  part: string;
  /** The file in that step's output. */
  file: (image: Pick<Image, "name">) => string;
  /**
   * Makes the artifact of that file, or of the folder that it lies in. A disk in a format of its own is given at least `minBytes`
   * itself; a plain copy is grown afterwards. Leaves whatever it has written when it fails.
   */
  write: (
    from: string,
    to: string,
    options: { minBytes?: number; signal?: AbortSignal | undefined },
  ) => Promise<{ bytes: number; sha256: string } | undefined>;
  /** It is a folder, and `write` says how large it is and what identifies it. */
  isFolder?: true;
  /** It runs on a kernel that is there, and is made from the image's own components. */
  isContainer?: true;
}

export const artifacts = {
  disk: {
    summary: "raw disk image, to be written to a disk or grown",
    part: "disk",
    file: () => "disk.raw",
    write: copyWhole,
  },
  qcow2: {
    summary: "the same disk for QEMU, compressed",
    part: "disk",
    file: () => "disk.raw",
    write: async (from, to, options) => {
      await writeQcow2(from, to, options);
      return undefined;
    },
  },
  uki: {
    summary: "unified kernel image: kernel, initrd, command line",
    part: "uki",
    file: ({ name }) => `${name}.efi`,
    write: copyWhole,
  },
  iso: {
    summary: "live medium for CD and stick, runs from RAM",
    part: "iso",
    file: ({ name }) => `${name}.iso`,
    write: copyWhole,
  },
  oci: {
    summary: "container image as an OCI image layout: a folder",
    part: "layers",
    file: () => factsFile,
    write: writeOciLayout,
    isFolder: true,
    isContainer: true,
  },
  "oci-archive": {
    summary: "the same as one file, for podman and skopeo",
    part: "layers",
    file: () => factsFile,
    write: writeOciArchive,
    isContainer: true,
  },
  "docker-archive": {
    summary: "container image for docker load",
    part: "layers",
    file: () => factsFile,
    write: writeDockerArchive,
    isContainer: true,
  },
  sysext: {
    summary: "system extension: files that a node lays over its /usr and /opt",
    part: "sysext",
    file: () => extensionFile,
    write: copyWhole,
  },
  confext: {
    summary: "configuration extension: files that a node lays over its /etc",
    part: "confext",
    file: () => extensionFile,
    write: copyWhole,
  },
} satisfies Record<string, Artifact>;

export type ArtifactKind = keyof typeof artifacts;

export function isExtension(kind: ArtifactKind): kind is ExtensionKind {
  return kind in extensionKinds;
}

/** A plain copy: its bytes are those of its source. */
export async function copyWhole(
  from: string,
  to: string,
  options: { signal?: AbortSignal | undefined },
): Promise<undefined> {
  await copySparseFile(from, to, options);
}

/** What holds the UKI that starts a disk. */
const needsUki: readonly string[] = ["disk", "qcow2", "uki"];

/** What can be made with the root of a container image: it comes verified, with a kernel that is another image's. */
const fromContainer: readonly ArtifactKind[] = ["disk", "qcow2", "uki"];

/**
 * @param options.isImported Whether its root is to come from a container image
 * @throws HadronError `IMAGE_KIND` where there is no such artifact of the image
 */
export function assertArtifact(
  image: Image,
  kind: ArtifactKind,
  { isImported = false }: { isImported?: boolean } = {},
): void {
  const artifact: Artifact = artifacts[kind];
  const kinds = (Object.keys(artifacts) as ArtifactKind[]).filter((one) => "isContainer" in artifacts[one]);
  const refuse = (message: string, possible: readonly string[]): HadronError =>
    new HadronError(message, {
      kind: "usage",
      code: "IMAGE_KIND",
      at: `${image.position.file}:${image.position.line}`,
      hint: `Possible: --as ${possible.join("|")}`,
    });
  if (isExtension(kind)) {
    if (isImported) return;
    throw new HadronError(`There is nothing to make the ${kind} of: its files are yours, not the image's`, {
      kind: "usage",
      code: "USAGE_OPTION",
      hint: "Give --from FOLDER, with the files as they are to lie on the node",
    });
  }
  if (!isBootable(image) && (!artifact.isContainer || isImported))
    throw refuse(
      `The image "${image.name}" has no kernel: it runs in containers only, there is no ${kind} of it`,
      kinds,
    );
  if (isBootable(image) && image.varEncryption !== undefined && needsUki.includes(kind))
    throw refuse(
      `The image "${image.name}" binds /var to a TPM: its disk takes a UKI that is signed for that, and this command signs none`,
      Object.keys(artifacts).filter((one) => !needsUki.includes(one) && !isExtension(one as ArtifactKind)),
    );
  if (isImported && !fromContainer.includes(kind))
    throw refuse(`With --from, the root comes from a container image, and there is no ${kind} of that`, fromContainer);
}
