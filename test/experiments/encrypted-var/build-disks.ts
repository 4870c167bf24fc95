import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { openProject } from "../../../src/cli/project.ts";
import { openWorkshop } from "../../../src/cli/workshop.ts";
import { buildSteps } from "../../../src/engine/mod.ts";
import { imageGraph, type PcrPolicy, policiesFile, policyKey, policySignatures } from "../../../src/image/mod.ts";
import { targets } from "../../../src/recipe/mod.ts";
import { openRenderer } from "../../../src/report/mod.ts";
import type { BootableImage } from "../../../src/rootfs/mod.ts";
import { plainInput, scriptedContext } from "../../scripted-context.ts";

export interface Variant {
  name: string;
  image: BootableImage;
  /** Signs the UKI. */
  key: KeyObject;
}

/** Paths in the store; only to be read. */
export interface BuiltDisk {
  disk: string;
  uki: string;
  initrd: string;
  /** What was signed. */
  policies: string;
}

/**
 * Builds the disk of each variant in two goes: the UKI with its policies, and, once these are signed, the UKI with the signatures.
 * @param folder Where public keys and signatures are put
 */
export async function buildDisks(variants: readonly Variant[], folder: string): Promise<BuiltDisk[]> {
  const { emit } = openRenderer(process.stderr, "plain");
  const context = scriptedContext(emit);
  const { graph, recipes, lock } = await openProject("x86_64", context);
  const sources = new Map(Object.entries(lock.sources));
  await using workshop = await openWorkshop({ lock, graph }, plainInput(), context);
  const disks: BuiltDisk[] = [];
  for (const { name, image, key } of variants) {
    const rootfs = { image, target: targets.x86_64, recipes, sources, at: image.position.file };
    const build = async (pcrPolicy: PcrPolicy, ...parts: string[]): Promise<string[]> => {
      const ids = parts.map((part) => `${image.name}:${part}`);
      const built = await buildSteps(imageGraph(graph, rootfs, { pcrPolicy }), ids, workshop.options);
      return ids.map((id) => built.get(id)?.path ?? "");
    };
    const publicKey = await policyKey(key, join(folder, name, "key"));
    const [unsigned = ""] = await build({ publicKey }, "unsigned-uki");
    const signatures = await policySignatures(unsigned, key, join(folder, name, "signatures"));
    const [disk = "", uki = "", initrd = ""] = await build({ publicKey, signatures }, "disk", "uki", "initrd");
    disks.push({
      disk: join(disk, "disk.raw"),
      uki: join(uki, `${image.name}.efi`),
      initrd: join(initrd, "initrd.cpio.zst"),
      policies: join(unsigned, policiesFile),
    });
  }
  return disks;
}
