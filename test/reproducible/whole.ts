import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Context } from "../../src/cli/command.ts";
import { openProject, type Project } from "../../src/cli/project.ts";
import { type ExtensionKind, extensionKinds, imageGraph, importExtension } from "../../src/image/mod.ts";
import { targets } from "../../src/recipe/mod.ts";
import { isBootable } from "../../src/rootfs/mod.ts";

/**
 * Everything that can be built: components with their tests, all images, and an extension of each kind with a file of its own.
 * @param folder A new one, for what extensions are made of; it must stay until they are built
 */
export async function openWhole(context: Context, folder: string): Promise<Project> {
  const project = await openProject("x86_64", context, { images: "all" });
  const image = project.images.find(isBootable);
  if (!image) throw new Error("No image lends an extension its tools");
  const target = targets.x86_64;
  const { recipes, lock } = project;
  const sources = new Map(Object.entries(lock.sources));
  const at = `${relative(context.root, image.position.file)}:${image.position.line}`;
  let { graph } = project;
  for (const kind of Object.keys(extensionKinds) as ExtensionKind[]) {
    const [files, into] = [join(folder, `${kind}-files`), join(folder, kind)];
    await writeExtensionFiles(join(files, extensionKinds[kind].folders[0]), kind);
    const { input } = await importExtension(files, { kind, name: "tested", target, into });
    graph = imageGraph(graph, { image, target, recipes, sources, at }, { extension: { kind, name: "tested", input } });
  }
  return { ...project, graph };
}

/** Their modes become those of the extension's files, so they are set, whatever the umask. */
async function writeExtensionFiles(folder: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "file"), text);
  await chmod(join(folder, "file"), 0o644);
  for (const path of [folder, dirname(folder)]) await chmod(path, 0o755);
}
