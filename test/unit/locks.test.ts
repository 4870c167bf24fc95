import { describe, expect, it } from "vitest";
import { projectFiles } from "./tree.ts";

interface PackageLock {
  packages: Record<string, { version: string; integrity?: string; resolved?: string; optionalDependencies?: object }>;
}
type Dependencies = Record<"dependencies" | "devDependencies", Record<string, string>>;

const files = projectFiles("package.json", "package-lock.json", "*.lock.json");

function read<T>(path: string): T {
  return JSON.parse(files.get(path) ?? "null") as T;
}

/** All values below a key, wherever it stands. */
function valuesOf(key: string, value: unknown): unknown[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(key, inner)]);
}

describe("package-lock.json", () => {
  const { packages } = read<PackageLock>("package-lock.json");

  it("names no registry", () => {
    expect(Object.values(packages).filter((entry) => entry.resolved !== undefined)).toEqual([]);
  });

  it("pins every package by its digest", () => {
    const unpinned = Object.entries(packages).filter(([path, entry]) => path !== "" && !entry.integrity);
    expect(unpinned).toEqual([]);
  });

  it("has what package.json asks for, and every platform's optional packages", () => {
    const { dependencies, devDependencies } = read<Dependencies>("package.json");
    const optional = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    const wanted = [...Object.keys(dependencies), ...Object.keys(devDependencies), ...optional];
    const paths = Object.keys(packages);
    expect(wanted.filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)))).toEqual([]);
  });
});

describe("locks of sources and toolbox", () => {
  const locks = [...files.keys()].filter((path) => path.endsWith(".lock.json"));

  it("every digest is a whole SHA-256 and every size is positive", () => {
    for (const path of locks) {
      const lock = read<unknown>(path);
      const digests = valuesOf("sha256", lock);
      expect(digests.length, path).toBeGreaterThan(0);
      expect(digests.filter((digest) => !/^[0-9a-f]{64}$/.test(String(digest)))).toEqual([]);
      expect(valuesOf("size", lock).filter((size) => !(Number.isInteger(size) && Number(size) > 0))).toEqual([]);
    }
  });

  it("are laid out one entry a line or field, so that a change can be read", () => {
    for (const path of locks) expect((files.get(path) ?? "").split("\n").length, path).toBeGreaterThan(10);
  });
});
