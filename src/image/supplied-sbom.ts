import type { Sha256 } from "../base/mod.ts";
import {
  bomFormat,
  bomMetadata,
  type CycloneDxComponent,
  type CycloneDxDocument,
  licences,
  noAssertion,
  noComponent,
  ownLicence,
} from "../rootfs/mod.ts";
import { uuidFrom } from "./uuid.ts";

/** What was given with `--from`, and what was put beside it here. */
export interface Supplied {
  /** What the file or folder is called; where it lay is its owner's affair. */
  name: string;
  /** Of a container image. */
  image?: { sha256: Sha256; of: "manifest" | "configuration" };
  /** Its files with their digests, by path; none where it is a whole root, for which the image's digest stands. */
  files: ReadonlyMap<string, Sha256>;
  /** The same of those that were made here. */
  made: ReadonlyMap<string, Sha256>;
}

/** What an extension consists of, as CycloneDX: each file that was given, and what says where it fits. */
export function extensionSbom(
  supplied: Supplied,
  { name, version, summary }: { name: string; version: string; summary: string },
): CycloneDxDocument {
  return document({ type: "application", "bom-ref": "image", name, description: summary }, [
    suppliedComponent(supplied),
    ...ownComponents(supplied, { version, recipe: "src/image/extension.ts" }),
  ]);
}

/**
 * The same of a disk, or the UKI of one, whose root is a container image: that by its digest, and what starts it by what the bill of materials
 * of the image's own root says of it. Files of none are listed, but for those that were made here.
 */
export function importedSbom(supplied: Supplied, ofRoot: CycloneDxDocument, kernel: string): CycloneDxDocument {
  const { name = "", version = "" } = ofRoot.metadata.component;
  const description = `The root of a container image, with the kernel and the initrd of the image ${name}`;
  // systemd has the boot loader, and the stub of a UKI.
  const starting = ofRoot.components.filter((one) => one.name === kernel || one.name === "systemd");
  return document({ type: "operating-system", "bom-ref": "image", name: supplied.name, description }, [
    suppliedComponent(supplied),
    ...starting.map(({ components: _, ...component }) => component),
    {
      ...{ type: "file", "bom-ref": "initrd", name: "initrd", version },
      description: `Made of a part of the root tree of the image ${name}: what is in it is not listed`,
      licenses: unknownLicence,
    },
    ...ownComponents(supplied, { version, recipe: "src/image/from-oci.ts" }),
  ]);
}

const unknownLicence = [{ license: { name: noAssertion } }];

function suppliedComponent({ name, image, files }: Supplied): CycloneDxComponent {
  const origin = "Given by whoever made the artifact (--from)";
  return {
    type: image ? "container" : "application",
    "bom-ref": "supplied",
    name,
    ...(image && { hashes: [{ alg: "SHA-256", content: image.sha256 }] }),
    licenses: unknownLicence,
    properties: [
      { name: "hadron:origin", value: image ? `${origin}; the digest is that of the image's ${image.of}` : origin },
    ],
    components: fileComponents(files),
  };
}

function ownComponents(
  { made }: Supplied,
  { version, recipe }: { version: string; recipe: string },
): CycloneDxComponent[] {
  if (made.size === 0) return [];
  const description = "Files that were made for it";
  return [
    {
      ...{ type: "library", "bom-ref": noComponent, name: noComponent, version, description },
      licenses: licences(ownLicence),
      properties: [{ name: "hadron:recipe", value: recipe }],
      components: fileComponents(made),
    },
  ];
}

function fileComponents(files: ReadonlyMap<string, Sha256>): CycloneDxComponent[] {
  return [...files].map(([name, content]) => ({ type: "file", name, hashes: [{ alg: "SHA-256", content }] }));
}

function document(of: CycloneDxComponent, components: readonly CycloneDxComponent[]): CycloneDxDocument {
  const refs = components.map(({ name, "bom-ref": ref = name }) => ref);
  return {
    ...bomFormat,
    serialNumber: `urn:uuid:${uuidFrom(JSON.stringify([of, components]))}`,
    version: 1,
    metadata: bomMetadata(of),
    components: [...components],
    dependencies: [{ ref: "image", dependsOn: refs }, ...refs.map((ref) => ({ ref }))],
  };
}
