import { z } from "zod";
import type { Sha256 } from "../base/mod.ts";
import type { CycloneDxDocument, SpdxDocument } from "../rootfs/mod.ts";
import type { ArtifactKind } from "./artifacts.ts";
import { uuidFrom } from "./uuid.ts";

/** An artifact that was written. */
export interface WrittenSubject {
  /** The file's or folder's own name. */
  name: string;
  kind: ArtifactKind;
  /** Of the file; of an image layout, that of its manifest. */
  sha256: Sha256;
}

/** What the formats call the kinds of artifact. */
const purposes: Record<ArtifactKind, { spdx: string; cyclonedx: string }> = {
  disk: { spdx: "diskImage", cyclonedx: "file" },
  qcow2: { spdx: "diskImage", cyclonedx: "file" },
  uki: { spdx: "executable", cyclonedx: "file" },
  iso: { spdx: "diskImage", cyclonedx: "file" },
  oci: { spdx: "container", cyclonedx: "container" },
  "oci-archive": { spdx: "container", cyclonedx: "container" },
  "docker-archive": { spdx: "container", cyclonedx: "container" },
  sysext: { spdx: "filesystemImage", cyclonedx: "file" },
  confext: { spdx: "filesystemImage", cyclonedx: "file" },
};

/**
 * The bill of materials of an artifact: that of the root tree in it, as SPDX, with the artifact around it. Elements of the tree's keep their
 * names, so that two artifacts of one tree are seen to hold the same.
 */
export function spdxOfArtifact(root: SpdxDocument, { name, kind, sha256 }: WrittenSubject): SpdxDocument {
  const idOf = (part: string) => `urn:hadron:${sha256.slice(0, 16)}:${part}`;
  const ofType = (type: string) => root["@graph"].find((element) => element.type === type);
  const [document, sbom] = [ofType("SpdxDocument"), ofType("software_Sbom")];
  const [image = ""] = sbom?.rootElement ?? [];
  const own = { creationInfo: "_:c" };
  return {
    ...root,
    "@graph": [
      ...root["@graph"].filter((element) => element !== document && element !== sbom),
      { ...document, type: "SpdxDocument", spdxId: idOf("document"), name, rootElement: [idOf("sbom")] },
      { ...sbom, type: "software_Sbom", spdxId: idOf("sbom"), rootElement: [idOf("artifact")] },
      {
        type: "software_Package",
        spdxId: idOf("artifact"),
        ...own,
        name,
        verifiedUsing: [{ type: "Hash", algorithm: "sha256", hashValue: sha256 }],
        software_primaryPurpose: purposes[kind].spdx,
      },
      {
        type: "Relationship",
        spdxId: idOf("image"),
        ...own,
        from: idOf("artifact"),
        relationshipType: "contains",
        to: [image],
      },
    ],
  };
}

/** The same as CycloneDX. */
export function cyclonedxOfArtifact(root: CycloneDxDocument, subject: WrittenSubject): CycloneDxDocument {
  const { name, kind, sha256 } = subject;
  const { component: image } = root.metadata;
  return {
    ...root,
    serialNumber: `urn:uuid:${uuidFrom(`${root.serialNumber} ${sha256} ${name}`)}`,
    metadata: {
      ...root.metadata,
      component: {
        type: purposes[kind].cyclonedx,
        "bom-ref": "artifact",
        name,
        hashes: [{ alg: "SHA-256", content: sha256 }],
      },
    },
    components: [{ ...image, components: root.components }],
    dependencies: [{ ref: "artifact", dependsOn: [image["bom-ref"] ?? ""] }, ...root.dependencies],
  };
}

// What is read of a bill of materials that lies beside an artifact: whoever wrote it.
const spdxShape = z.object({
  "@graph": z.array(
    z.object({
      type: z.string(),
      spdxId: z.string().optional(),
      rootElement: z.array(z.string()).optional(),
      verifiedUsing: z.array(z.object({ algorithm: z.string(), hashValue: z.string() })).optional(),
    }),
  ),
});
const cyclonedxShape = z.object({
  metadata: z.object({ component: z.object({ hashes: z.array(z.object({ alg: z.string(), content: z.string() })) }) }),
});

/** Which artifact a bill of materials is of, by its SHA-256; undefined where it is none that was made here, or leaves room for a second one. */
export function sbomSubject(document: unknown, format: "spdx" | "cyclonedx"): Sha256 | undefined {
  if (format === "cyclonedx") {
    const hashes = cyclonedxShape.safeParse(document).data?.metadata.component.hashes ?? [];
    return only(hashes.filter(({ alg }) => alg === "SHA-256"))?.content;
  }
  const graph = spdxShape.safeParse(document).data?.["@graph"] ?? [];
  const root = only(only(graph.filter(({ type }) => type === "software_Sbom"))?.rootElement ?? []);
  const artifact = only(graph.filter(({ spdxId }) => spdxId !== undefined && spdxId === root));
  return only(artifact?.verifiedUsing?.filter(({ algorithm }) => algorithm === "sha256") ?? [])?.hashValue;
}

function only<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined;
}
