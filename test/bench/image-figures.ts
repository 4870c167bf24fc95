import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import type { imageBudgets } from "../budgets.ts";

/** Output trees of an image's steps and of its kernel. */
export interface ImageTrees {
  root: string;
  verity: string;
  uki: string;
  kernel: string;
}

type FigureName = keyof typeof imageBudgets;

/** How each budget of an image is measured; MB are 10⁶ bytes. */
export const imageFigures: Record<FigureName, (trees: ImageTrees) => number> = {
  usr: ({ root }) => usrBytes(root) / 1e6,
  root: ({ verity }) => megabytes(join(verity, "root.erofs")),
  wire: ({ verity }) => zstdCompressSync(readFileSync(join(verity, "root.erofs")), { params }).length / 1e6,
  uki: ({ uki }) => megabytes(join(uki, ukiName(uki))),
  release: ({ verity, uki }) =>
    megabytes(join(verity, "root.erofs")) + megabytes(join(verity, "root.verity")) + megabytes(join(uki, ukiName(uki))),
  executables: ({ root }) => countExecutables(root),
  kernelOptions: ({ kernel }) => {
    const modules = join(kernel, "usr/lib/modules");
    const [release = ""] = readdirSync(modules);
    return countKernelOptions(readFileSync(join(modules, release, "config"), "utf8"));
  },
};

const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_windowLog]: 27 };

/** Regular files below `/usr`, each counted once however many names it has. */
export function usrBytes(root: string): number {
  const files = new Map(regularFiles(root).map(({ dev, ino, size }) => [`${dev}:${ino}`, size]));
  return [...files.values()].reduce((sum, size) => sum + size, 0);
}

/** Files below `/usr` that can be run: programs and scripts, not libraries. */
export function countExecutables(root: string): number {
  return regularFiles(root).filter(({ name, mode }) => (mode & 0o111) !== 0 && !/\.so(\.|$)/.test(name)).length;
}

/** Options of a kernel configuration that are built in or a module. */
export function countKernelOptions(config: string): number {
  return config.match(/^CONFIG_\w+=[ym]$/gm)?.length ?? 0;
}

function regularFiles(root: string) {
  return readdirSync(join(root, "usr"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => ({ name, ...pick(join(parentPath, name)) }));
}

function pick(path: string) {
  const { dev, ino, size, mode } = statSync(path);
  return { dev, ino, size, mode };
}

function ukiName(folder: string): string {
  const name = readdirSync(folder).find((file) => file.endsWith(".efi"));
  if (name === undefined) throw new Error(`No UKI in "${folder}"`);
  return name;
}

function megabytes(path: string): number {
  return statSync(path).size / 1e6;
}
