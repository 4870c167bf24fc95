import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot, sha256 } from "../base/mod.ts";
import { artifactSteps, digestArtifacts } from "./artifact-digests.ts";
import { loadImage } from "./load-image.ts";

const images = join(projectRoot, "images");
const [cloud, container] = [await loadImage("cloud", images), await loadImage("container", images)];

/** What the steps of an image leave, as far as artifacts are made of it. */
const outputs: Record<string, Record<string, string>> = {
  disk: { "disk.raw": "disk" },
  uki: { "cloud.efi": "uki" },
  iso: { "cloud.iso": "iso" },
  initrd: { "initrd.cpio.zst": "initrd" },
  verity: { "root.erofs": "erofs", "root.verity": "verity" },
  layers: { "image.json": '{"created": 0}', "00-a.tar": "tar", "00-a.tar.gz": "gz" },
  sysext: { "extension.raw": "extension" },
};

it("names every artifact of an image with the digest of its bytes", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-digests-"));
  for (const [part, files] of Object.entries(outputs)) {
    await mkdir(join(folder.path, part), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, part, name), text);
  }
  const outputOf = (step: string) => {
    const [, part = ""] = step.split(":");
    return part in outputs ? join(folder.path, part) : undefined;
  };
  const digests = await digestArtifacts(cloud, { outputOf, folder: join(folder.path, "written") });
  expect([...digests.keys()]).toEqual(
    ["disk", "docker-archive", "erofs", "initrd", "iso", "oci", "oci-archive", "qcow2", "sysext", "uki", "verity"].map(
      (kind) => `cloud.${kind}`,
    ),
  );
  for (const [name, text] of [
    ["disk", "disk"],
    ["uki", "uki"],
    ["erofs", "erofs"],
    ["sysext", "extension"],
  ] as const)
    expect(digests.get(`cloud.${name}`)?.sha256, name).toBe(sha256(text));
  expect(new Set([...digests.values()].map((it) => it.sha256)).size).toBe(digests.size);
});

it("knows the steps that artifacts come from: of an image without kernel those of containers", () => {
  expect(artifactSteps(cloud)).toEqual(
    ["disk", "initrd", "iso", "layers", "uki", "verity"].map((part) => `cloud:${part}`),
  );
  expect(artifactSteps(container)).toEqual(["container:layers"]);
});
