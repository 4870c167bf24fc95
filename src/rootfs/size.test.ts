import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Recipe, recipe, shell } from "../recipe/mod.ts";
import type { Image } from "./image.ts";
import { lostWith, sizedParts, usrSizes } from "./size.ts";

let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "hadron-size-"));
});
afterEach(() => rmSync(work, { recursive: true }));

function put(path: string, bytes: number): void {
  mkdirSync(dirname(join(work, path)), { recursive: true });
  writeFileSync(join(work, path), "x".repeat(bytes));
}

it("bytes of /usr by component: links count nothing, a file of two names once, the rest is the OS's own", () => {
  put("zlib/usr/lib/libz.so.1.3", 900);
  put("zlib/usr/share/zlib", 2);
  put("busybox/usr/bin/busybox", 30);
  put("busybox/usr/bin/ash", 30);
  put("root/usr/lib/libz.so.1.3", 100);
  put("root/usr/share/zlib", 2);
  put("root/usr/bin/ash", 30);
  linkSync(join(work, "root/usr/bin/ash"), join(work, "root/usr/bin/busybox"));
  symlinkSync("libz.so.1.3", join(work, "root/usr/lib/libz.so.1"));
  put("root/usr/lib/os-release", 7);
  put("root/etc/passwd", 1000);
  expect(usrSizes(join(work, "root"), { busybox: join(work, "busybox"), zlib: join(work, "zlib") })).toEqual([
    {
      name: "zlib",
      bytes: 102,
      files: [
        { path: "usr/lib/libz.so.1.3", bytes: 100 },
        { path: "usr/share/zlib", bytes: 2 },
      ],
    },
    { name: "busybox", bytes: 30, files: [{ path: "usr/bin/ash", bytes: 30 }] },
    { name: "os", bytes: 7, files: [{ path: "usr/lib/os-release", bytes: 7 }] },
  ]);
});

it("with a component go those that need it and the libraries that only they need", () => {
  const recipes = new Map<string, Recipe>();
  const make = (name: string, libs: Recipe[] = []): Recipe => {
    const made = recipe({ name, summary: `Test ${name}`, needs: { libs }, build: shell("true"), test: () => "true" });
    recipes.set(name, made);
    return made;
  };
  for (const name of ["toolchain", "linux-headers", "musl"]) {
    const bootstrap = recipe({ name, summary: name, bootstrap: true, build: shell("true"), test: () => "true" });
    recipes.set(name, bootstrap);
  }
  const zlib = make("zlib");
  const archive = make("archive", [zlib]);
  const curl = make("curl", [archive]);
  const kmod = make("kmod", [zlib]);
  const kernel = make("linux");
  const musl = recipes.get("musl") as Recipe;
  const image = { components: [curl, kmod, musl], kernel } as unknown as Image;
  expect(lostWith("curl", { image, recipes })).toEqual(["archive", "curl"]);
  expect(lostWith("archive", { image, recipes })).toEqual(["archive", "curl"]);
  expect(lostWith("kmod", { image, recipes })).toEqual(["kmod"]);
  expect(lostWith("zlib", { image, recipes })).toEqual(["archive", "curl", "kmod", "zlib"]);
  expect(lostWith("busybox", { image, recipes })).toEqual([]);
  expect(sizedParts({ image, recipes })).toContain("linux");
});
