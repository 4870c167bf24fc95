import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSourceLock, sourceEntry, sourceNames, writeSourceLock } from "./lock.ts";
import { keysByFingerprint } from "./openpgp.ts";
import { keysFile, namedSignatureFiles, readSignatureFile, signatureFolder } from "./signature-files.ts";

const good = {
  version: 1,
  sources: {
    zlib: {
      version: "1.3.2",
      licence: "Zlib",
      homepage: "https://zlib.net/",
      candidates: [
        { origin: "debian-repack", sha256: "7b".repeat(32), size: 1, places: ["debian:pool/main/z/zlib/z.tar.gz"] },
      ],
    },
  },
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A lock in a folder of its own. */
function lockFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "hadron-lock-"));
  folders.push(folder);
  const path = join(folder, "sources.lock.json");
  writeFileSync(path, text);
  return path;
}

/** The lock with one value changed: `sources.zlib.version`. */
function changed(path: string, value: unknown): string {
  const lock = structuredClone(good) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const parent = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, lock);
  parent[last] = value;
  return JSON.stringify(lock);
}

describe("the source lock of this project", () => {
  const lock = readSourceLock();

  it("is sorted by name", () => {
    expect(Object.keys(lock.sources)).toEqual(sourceNames(lock));
  });

  it("can be had from Debian's archive, whatever upstream's servers do", () => {
    for (const [name, { candidates }] of Object.entries(lock.sources))
      expect(
        candidates.some(({ places }) => places.some((place) => place.startsWith("debian:"))),
        name,
      ).toBe(true);
  });

  it("names upstream's own place for every file that is upstream's own", () => {
    for (const [name, { candidates }] of Object.entries(lock.sources))
      for (const { origin, places } of candidates)
        expect(places[0]?.startsWith("https://"), `${name} ${origin}`).toBe(origin === "upstream");
  });
});

describe("the signatures of this project's sources", () => {
  const lock = readSourceLock();

  it("are named in the lock for every source, or why there is none", () => {
    for (const [name, { candidates }] of Object.entries(lock.sources))
      for (const { signature } of candidates) expect(signature, name).toBeDefined();
  });

  it("are kept beside the lock, each with the key that is pinned, and no others are", async () => {
    expect(readdirSync(signatureFolder).sort()).toEqual(namedSignatureFiles(lock));
    for (const [name, { keys = {}, candidates }] of Object.entries(lock.sources)) {
      const kept = await readSignatureFile(signatureFolder, keysFile(name));
      expect([...(await keysByFingerprint(kept ?? Buffer.of())).keys()].sort(), name).toEqual(Object.keys(keys));
      for (const { signature } of candidates)
        if (signature && "keyFingerprint" in signature) expect(Object.keys(keys)).toContain(signature.keyFingerprint);
    }
  });
});

describe("readSourceLock", () => {
  it.each([
    ["an unknown field", "sources.zlib.license", "Zlib", "sources.lock.json: sources.zlib"],
    [
      "a wrong digest",
      "sources.zlib.candidates.0.sha256",
      "abc",
      "sources.lock.json: sources.zlib.candidates[0].sha256",
    ],
    [
      "an unknown origin",
      "sources.zlib.candidates.0.origin",
      "fork",
      "sources.lock.json: sources.zlib.candidates[0].origin",
    ],
    ["a size of zero", "sources.zlib.candidates.0.size", 0, "sources.lock.json: sources.zlib.candidates[0].size"],
    [
      "a place of no kind",
      "sources.zlib.candidates.0.places",
      ["zlib.tar"],
      "sources.lock.json: sources.zlib.candidates[0].places[0]",
    ],
    ["no candidate", "sources.zlib.candidates", [], "sources.lock.json: sources.zlib.candidates"],
    ["a newer format", "version", 2, "sources.lock.json: version"],
  ])("refuses %s and says where", (_what, path, value, at) => {
    const file = lockFile(changed(path, value));
    expect(() => readSourceLock(file)).toThrow(
      expect.objectContaining({ code: "SOURCES_LOCK_INVALID", kind: "input", at }),
    );
  });

  it("names the unknown field", () => {
    expect(() => readSourceLock(lockFile(changed("sources.zlib.license", "Zlib")))).toThrow(/"license"/);
  });

  it("refuses what is not JSON, and a file that is not there", () => {
    expect(() => readSourceLock(lockFile("{"))).toThrow(expect.objectContaining({ code: "SOURCES_LOCK_INVALID" }));
    expect(() => readSourceLock("/nowhere/sources.lock.json")).toThrow(
      expect.objectContaining({ code: "SOURCES_LOCK_INVALID", at: "/nowhere/sources.lock.json" }),
    );
  });

  it("reads back what writeSourceLock wrote, sorted", async () => {
    const lock = readSourceLock(lockFile(JSON.stringify(good)));
    const path = lockFile("");
    const { zlib } = lock.sources;
    if (zlib === undefined) throw new Error("zlib is in the lock");
    await writeSourceLock({ version: 1, sources: { zlib, acl: zlib } }, path);
    expect(Object.keys(readSourceLock(path).sources)).toEqual(["acl", "zlib"]);
  });
});

it("refuses a source that is not in the lock by name, and says what names those that are", () => {
  const lock = readSourceLock(lockFile(JSON.stringify(good)));
  expect(() => sourceEntry("zlob", lock)).toThrow(
    expect.objectContaining({
      code: "SOURCE_UNKNOWN",
      message: expect.stringContaining('"zlob"'),
      hint: "hadron sources names them all",
    }),
  );
});
