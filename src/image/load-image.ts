import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { HadronError, isSystemError } from "../base/mod.ts";
import type { Image } from "../rootfs/mod.ts";

/** Names of the images in a folder (`images/`), sorted. */
export async function imageNames(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return names.map((name) => name.slice(0, -".ts".length)).sort();
}

/** @throws HadronError `IMAGE_UNKNOWN`, `IMAGE_INVALID`. */
export async function loadImage(name: string, folder: string): Promise<Image> {
  const file = join(folder, `${name}.ts`);
  const known = await imageNames(folder);
  if (!known.includes(name))
    throw new HadronError(`There is no image "${name}"`, {
      kind: "usage",
      code: "IMAGE_UNKNOWN",
      at: folder,
      hint: `Known: ${known.join(", ")}`,
    });
  const refuse = (message: string, cause?: unknown) =>
    new HadronError(message, {
      kind: "input",
      code: "IMAGE_INVALID",
      at: file,
      hint: "export default image({ … })",
      cause,
    });
  try {
    const module = (await import(pathToFileURL(file).href)) as { default?: Image };
    if (!module.default?.position) throw refuse(`"${file}" does not export an image`);
    if (module.default.name !== name) throw refuse(`"${file}" describes the image "${module.default.name}"`);
    return module.default;
  } catch (error) {
    if (error instanceof HadronError) throw error;
    throw refuse(`Could not load the image "${name}"${isSystemError(error) ? ` (${error.code})` : ""}`, error);
  }
}
