import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { debianMirrors } from "./debian-mirror.ts";

let aptDirectory: string;
beforeEach(() => {
  aptDirectory = mkdtempSync(join(tmpdir(), "hadron-apt-"));
  mkdirSync(join(aptDirectory, "sources.list.d"));
});
afterEach(() => rmSync(aptDirectory, { recursive: true }));

function configure(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(aptDirectory, name), text);
}

test("reads the one-line format, with options, and passes over other archives", () => {
  configure({
    "sources.list": [
      "# deb http://comment.example/debian trixie main",
      "deb [arch=amd64 signed-by=/x] http://one.example/debian/ trixie main contrib # why",
      "deb-src http://one.example/debian trixie main",
      "deb http://security.example/debian-security trixie-security main",
      "deb https://other.example/ubuntu noble main",
    ].join("\n"),
    "sources.list.d/more.list": "deb https://two.example/mirror/debian sid main\n",
    "sources.list.d/old.list.save": "deb https://saved.example/debian sid main\n",
  });
  expect(debianMirrors({ aptDirectory }, {})).toEqual([
    "http://one.example/debian",
    "https://two.example/mirror/debian",
  ]);
});

test("reads deb822 files, of several addresses, and passes over disabled ones", () => {
  configure({
    "sources.list.d/debian.sources":
      "Types: deb\n# a comment\nURIs: http://a.example/debian\n https://b.example/debian/\nSuites: trixie\n\nTypes: deb\nEnabled: no\nURIs: http://c.example/debian\n",
    "sources.list.d/mirror.sources": "Types: deb\nURIs: mirror+file:/etc/apt/mirrors/debian.list\n",
  });
  expect(debianMirrors({ aptDirectory }, {})).toEqual(["http://a.example/debian", "https://b.example/debian"]);
});

test("puts the option first, then the environment, then apt; directories become absolute, and each place comes once", () => {
  configure({ "sources.list": "deb http://a.example/debian trixie main\n" });
  const env = { HADRON_DEBIAN_MIRROR: "http://b.example/debian/ , /srv/packages/" };
  expect(debianMirrors({ mirror: "mirrors,http://a.example/debian/", aptDirectory }, env)).toEqual([
    join(process.cwd(), "mirrors"),
    "http://a.example/debian",
    "http://b.example/debian",
    "/srv/packages",
  ]);
});

test("a folder is a path, however it is named: so packages and sources are taken from it without a network", () => {
  configure({ "sources.list": "deb file:/srv/debian trixie main\n" });
  const env = { HADRON_DEBIAN_MIRROR: "file:///media/my%20stick/debian/" };
  expect(debianMirrors({ mirror: "file:///srv/packages", aptDirectory }, env)).toEqual([
    "/srv/packages",
    "/media/my stick/debian",
    "/srv/debian",
  ]);
});

test("knows none on a machine without apt", () => {
  expect(debianMirrors({ aptDirectory: join(aptDirectory, "none") }, {})).toEqual([]);
});
