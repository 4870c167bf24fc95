import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const kconfig = `menu "Drivers"
config NET
\tbool "Networking"
if NET
config FAST_CARD
\tbool "Card"
\tdepends on PCI && !SLOW
\thelp
\t  if you have one
config HELPER
\tbool
endif
config HZ
\tint "Ticks"
endmenu
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "check-config-"));
  write("tree/Kconfig", kconfig);
});
afterEach(() => rmSync(folder, { recursive: true }));

test("accepts a configuration in which every line took, absent counting as off", () => {
  write("a/net.config", '# why\nCONFIG_NET=y\nCONFIG_HZ=250\nCONFIG_NAME=""\n# CONFIG_FAST_CARD is not set\n');
  write(".config", 'CONFIG_NET=y\nCONFIG_HZ=250\nCONFIG_NAME=""\nCONFIG_OTHER=y\n');
  const { status, stdout } = check("a/net.config");
  expect(status).toBe(0);
  expect(stdout).toContain("every option took: 4 asked for, 2 are on");
});

test("names place, option, what was asked for, what came, and what it depends on", () => {
  write("a/net.config", "CONFIG_NET=y\n\nCONFIG_FAST_CARD=y\nCONFIG_HZ=250\n");
  write(".config", "CONFIG_NET=y\n# CONFIG_FAST_CARD is not set\nCONFIG_HZ=100\n");
  const { status, stderr } = check("a/net.config");
  expect(status).toBe(1);
  expect(stderr).toContain("error: a/net.config:3: CONFIG_FAST_CARD: asked for y, got n\n    Kconfig:5\n");
  expect(stderr).toContain("      inside if NET\n      depends on PCI && !SLOW\n");
  expect(stderr).toContain("error: a/net.config:4: CONFIG_HZ: asked for 250, got 100\n");
  expect(stderr).not.toContain("you have one");
  expect(stderr).toContain("2 options did not take");
});

test("refuses an option that is off in the fragment and on in the result", () => {
  write("a/net.config", "# CONFIG_NET is not set\n");
  write(".config", "CONFIG_NET=y\n");
  expect(check("a/net.config").stderr).toContain("error: a/net.config:1: CONFIG_NET: asked for n, got y\n");
});

test("says when only other options can select it", () => {
  write("a/net.config", "CONFIG_HELPER=y\n");
  write(".config", "");
  expect(check("a/net.config").stderr).toContain("has no prompt: others select it");
});

test("refuses options that no Kconfig file knows, on or off", () => {
  write("a/net.config", "CONFIG_MISSPELT=y\n# CONFIG_GONE is not set\n");
  write(".config", "CONFIG_NET=y\n");
  const { status, stderr } = check("a/net.config");
  expect(status).toBe(1);
  expect(stderr).toContain("a/net.config:1: CONFIG_MISSPELT: asked for y, got n\n    no Kconfig file has an option");
  expect(stderr).toContain("a/net.config:2: CONFIG_GONE: no Kconfig file has an option");
});

test("a later folder replaces an earlier one's line, when merging and when checking", () => {
  write("a/one.config", "CONFIG_HZ=250\nCONFIG_NET=y\n");
  write("b/two.config", "CONFIG_HZ=1000\n");
  const merged = merge("a/one.config", "b/two.config");
  expect(merged).toMatchObject({ status: 0, stdout: "CONFIG_HZ=1000\nCONFIG_NET=y\n" });
  write(".config", merged.stdout);
  expect(check("a/one.config", "b/two.config").status).toBe(0);
});

test("merging refuses an option named twice in one folder, and lines that are neither option nor comment", () => {
  write("a/one.config", "CONFIG_NET=y\n");
  write("a/two.config", "# CONFIG_NET is not set\nNET=y\n# CONFIG_HZ=250\n");
  const { status, stdout, stderr } = merge("a/one.config", "a/two.config");
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain("a/two.config:1: CONFIG_NET is named already in a/one.config:1");
  expect(stderr).toContain("a/two.config:2: neither an option nor a comment: NET=y");
  expect(stderr).toContain("a/two.config:3: neither an option nor a comment: # CONFIG_HZ=250");
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const check = (...fragments: string[]) => run("check-config.sh", ".config", "tree", ...fragments);
const merge = (...fragments: string[]) => run("merge-config.sh", ...fragments);

function run(script: string, ...args: string[]) {
  return spawnSync("bash", [join(import.meta.dirname, script), ...args], { cwd: folder, encoding: "utf8" });
}
