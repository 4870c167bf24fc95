import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Event, sha256 } from "../../base/mod.ts";
import { type BundleOptions, bundleSources } from "./bundle.ts";
import { fetchSources } from "./fetch.ts";
import type { SourceLock } from "./lock.ts";

/** What each test gets a copy of: git takes longer to make it than the test does. */
let original: string;
beforeAll(() => {
  original = mkdtempSync(join(tmpdir(), "hadron-bundle-"));
  const checkout = join(original, "checkout");
  mkdirSync(join(checkout, "recipes/zlib"), { recursive: true });
  mkdirSync(join(original, "upstream"));
  for (const name of ["zlib", "musl"])
    writeFileSync(join(original, "upstream", `${name}-1.0.tar.gz`), `bytes of ${name}`);
  writeFileSync(join(checkout, "recipes/zlib/recipe.ts"), "the recipe of zlib");
  writeFileSync(join(checkout, "hadron"), "#!/bin/sh\n");
  chmodSync(join(checkout, "hadron"), 0o755);
  symlinkSync("hadron", join(checkout, "link"));
  const git = (...args: string[]) => execFileSync("git", ["-C", checkout, ...args]);
  git("init", "-q", "--template=");
  git("add", ".");
  git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "first");
});
afterAll(() => rmSync(original, { recursive: true }));

let root: string;
let checkout: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hadron-bundle-"));
  cpSync(original, root, { recursive: true, verbatimSymlinks: true });
  checkout = join(root, "checkout");
});
afterEach(() => rmSync(root, { recursive: true }));

const lock: SourceLock = {
  version: 1,
  sources: Object.fromEntries(
    ["musl", "zlib"].map((name) => {
      const bytes = `bytes of ${name}`;
      const places = [`https://example.org/${name}-1.0.tar.gz`];
      const signature = { missing: "Nobody signs" };
      const candidate = { origin: "upstream" as const, sha256: sha256(bytes), size: bytes.length, places, signature };
      return [name, { version: "1.0", licence: "MIT", homepage: "https://example.org/", candidates: [candidate] }];
    }),
  ),
};

function bundle(output: string, more: Partial<BundleOptions> = {}) {
  const from = join(root, "upstream");
  const options = { lock, cacheRoot: join(root, "cache"), from, env: {}, offline: true, root: checkout };
  return bundleSources(["musl", "zlib"], { ...options, output: join(root, output), ...more });
}

describe("bundleSources", () => {
  it("archives the sources and the files of the project, described and with their digests", async () => {
    expect(await bundle("all.tar", { image: "cloud" })).toMatchObject({ sources: 2, files: 7 });
    execFileSync("tar", ["-xf", join(root, "all.tar"), "-C", root]);
    const top = join(root, "hadron-sources");
    expect(execFileSync("sh", ["-c", "find . ! -type d | LC_ALL=C sort"], { cwd: top, encoding: "utf8" })).toBe(
      "./README\n./SHA256SUMS\n./project/hadron\n./project/link\n./project/recipes/zlib/recipe.ts\n./sources/musl-1.0.tar.gz\n./sources/zlib-1.0.tar.gz\n",
    );
    execFileSync("sha256sum", ["-c", "--quiet", "SHA256SUMS"], { cwd: top });
    const readme = readFileSync(join(top, "README"), "utf8");
    expect(readme).toContain('Corresponding source of Hadron\'s image "cloud"');
    expect(readme).toContain("zlib 1.0\n    MIT\n    https://example.org/ (upstream)\n    not signed: Nobody signs\n");
    execFileSync(join(top, "project/hadron"));
  });

  it("holds all that a build takes: sources are fetched from it without a network", async () => {
    await bundle("all");
    const options = { lock, cacheRoot: join(root, "other"), from: join(root, "all/sources"), env: {}, offline: true };
    expect([...(await fetchSources(["musl", "zlib"], options)).keys()].sort()).toEqual(["musl", "zlib"]);
  });

  it("gives the same bytes wherever and whenever it is made", async () => {
    await bundle("a.tar");
    execFileSync("sh", ["-c", "find . -name .git -prune -o -exec touch -h -d 2001-01-01 {} +"], { cwd: checkout });
    rmSync(join(root, "cache"), { recursive: true });
    await bundle("b.tar");
    expect(readFileSync(join(root, "a.tar")).equals(readFileSync(join(root, "b.tar")))).toBe(true);
  });

  it("leaves out what git does not know, and says so", async () => {
    writeFileSync(join(checkout, "secret.key"), "private");
    const events: Event[] = [];
    await bundle("all", { emit: (event) => events.push(event) });
    expect(readdirSync(join(root, "all/project")).sort()).toEqual(["hadron", "link", "recipes"]);
    expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "BUNDLE_UNCOMMITTED" }));
  });

  it("leaves nothing behind where a source can't be had", async () => {
    rmSync(join(root, "upstream/zlib-1.0.tar.gz"));
    await expect(bundle("all.tar")).rejects.toMatchObject({ code: "SOURCE_OFFLINE" });
    expect(readdirSync(root).filter((name) => name.startsWith("all"))).toEqual([]);
  });

  it("refuses a folder that is there, and a project that is no checkout", async () => {
    mkdirSync(join(root, "all"));
    await expect(bundle("all")).rejects.toMatchObject({ code: "BUNDLE_EXISTS", kind: "usage" });
    rmSync(join(checkout, ".git"), { recursive: true });
    await expect(bundle("all.tar")).rejects.toMatchObject({ code: "BUNDLE_NO_CHECKOUT", kind: "host" });
    expect(existsSync(join(root, "all.tar"))).toBe(false);
  });
});
