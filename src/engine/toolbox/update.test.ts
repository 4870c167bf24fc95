import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Event, sha256 } from "../../base/mod.ts";
import { readToolboxLock } from "./lock.ts";
import { type ToolboxSet, toolboxArchitecture, toolboxSuite } from "./sets.ts";
import { type UpdateOptions, updateToolboxLock } from "./update.ts";

const packages = ["a 1.0; Depends: b", "b 2.0", "c 3.0"].map((line) => {
  const [head = "", ...fields] = line.split("; ");
  const [name, version] = head.split(" ");
  const file = `Filename: pool/main/${name}.deb\nSHA256: ${sha256(head)}\nSize: 9`;
  return `${[`Package: ${name}\nVersion: ${version}`, file, ...fields].join("\n")}\n`;
});
const wants = (...names: string[]): ToolboxSet => ({
  summary: "",
  packages: names,
  links: {},
  files: {},
  directories: [],
});

let home: string;
let options: UpdateOptions & { path: string };
let events: Event[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "hadron-update-"));
  events = [];
  options = {
    path: join(home, "toolbox.lock.json"),
    // Only this place: the machine's own mirror must not help out.
    mirrors: [join(home, "debian")],
    // The archive of this test is signed by nobody.
    keyring: join(home, "no-keyring"),
    allowUnsigned: true,
    sets: { two: wants("c"), one: wants("a") },
    emit: (event) => void events.push(event),
  };
  publish(gzipSync(packages.join("\n")));
});
afterEach(() => rmSync(home, { recursive: true }));

function publish(index: Buffer, listed = index): void {
  const path = `main/binary-${toolboxArchitecture}/Packages.gz`;
  const suite = join(home, "debian/dists", toolboxSuite);
  mkdirSync(dirname(join(suite, path)), { recursive: true });
  writeFileSync(join(suite, path), index);
  const release = `Date: Sat, 12 Sep 2026 07:55:41 UTC\nSHA256:\n ${sha256(listed)} ${listed.length} ${path}\n`;
  writeFileSync(join(suite, "InRelease"), release);
}

test("writes the closure of each set, sorted, dated by the archive, the same every time, and says what was not checked", async () => {
  const lock = await updateToolboxLock(options);
  expect(await readToolboxLock(options.path)).toEqual(lock);
  expect(lock.date).toBe("2026-09-12T07:55:41.000Z");
  expect(Object.entries(lock.sets).map(([name, set]) => [name, set.packages.map((found) => found.name)])).toEqual([
    ["one", ["a", "b"]],
    ["two", ["c"]],
  ]);
  expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "ARCHIVE_SIGNATURE_UNCHECKED" }));
  const text = readFileSync(options.path, "utf8");
  await updateToolboxLock(options);
  expect(readFileSync(options.path, "utf8")).toBe(text);
});

test("refuses an archive whose signature can't be checked, unless that is allowed", async () => {
  await expect(updateToolboxLock({ ...options, allowUnsigned: false })).rejects.toMatchObject({
    kind: "host",
    code: "ARCHIVE_SIGNATURE_UNCHECKED",
    hint: expect.stringContaining("--allow-unsigned-index"),
  });
  expect(existsSync(options.path)).toBe(false);
});

test("keeps the old lock when the index is not the one that the archive signs for, or a package is unknown", async () => {
  await updateToolboxLock(options);
  const text = readFileSync(options.path, "utf8");
  await expect(updateToolboxLock({ ...options, sets: { one: wants("nosuch") } })).rejects.toMatchObject({
    code: "PACKAGE_UNSOLVABLE",
  });
  const other = gzipSync(packages.slice(1).join("\n"));
  publish(Buffer.alloc(other.length), other);
  await expect(updateToolboxLock(options)).rejects.toMatchObject({ kind: "source" });
  expect(readFileSync(options.path, "utf8")).toBe(text);
});

test("says what is wrong with a lock that is missing or edited", async () => {
  await expect(readToolboxLock(options.path)).rejects.toMatchObject({ kind: "input", code: "TOOLBOX_LOCK_MISSING" });
  for (const text of ["{", '{"suite": "x", "date": "x", "sets": {"a": {"packages": [{"name": "x"}]}}}']) {
    writeFileSync(options.path, text);
    await expect(readToolboxLock(options.path)).rejects.toMatchObject({
      code: "TOOLBOX_LOCK_INVALID",
      at: options.path,
    });
  }
  expect(existsSync(options.path)).toBe(true);
});
