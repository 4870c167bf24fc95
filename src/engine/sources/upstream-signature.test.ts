import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../../base/mod.ts";
import { packTar } from "../../formats/mod.ts";
import { rememberHosts } from "./hosts.ts";
import type { SourceLock } from "./lock.ts";
import { writeSignatureFiles } from "./signature-files.ts";
import { makeKey, signWith, type TestKey } from "./test-key.ts";
import { type Answer, serve } from "./test-server.ts";
import { formatSourceChange, type UpdateSourcesOptions, updateSources } from "./update.ts";
import { refuseDamagedSources, verifySources } from "./verify.ts";

const upstream = await makeKey("upstream");
const successor = await makeKey("successor");
const stranger = await makeKey("stranger");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hadron-signatures-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const tarball = (version: string): Buffer => gzipSync(`zlib ${version}`);

/** Debian's archive with one version of zlib: its signature, and the key that Debian's package carries. */
async function archive(version: string, parts: { signature?: string; key?: TestKey }): Promise<Record<string, Answer>> {
  const key = parts.key?.public ?? "";
  const content = { path: "debian/upstream/signing-key.asc", type: "file" as const, mode: 0o644, size: key.length };
  const packaging = gzipSync(await buffer(packTar([{ ...content, content: () => Readable.from([key]) }], 0)));
  const files: Record<string, string | Buffer> = {
    [`zlib_${version}.orig.tar.gz`]: tarball(version),
    [`zlib_${version}-1.debian.tar.gz`]: packaging,
    ...(parts.signature === undefined ? {} : { [`zlib_${version}.orig.tar.gz.asc`]: parts.signature }),
  };
  const lines = Object.entries(files).map(([file, bytes]) => ` ${sha256(bytes)} ${bytes.length} ${file}\n`);
  const stanza = `Package: zlib\nVersion: ${version}-1\nChecksums-Sha256:\n${lines.join("")}Directory: pool/main/z/zlib\n`;
  const index = gzipSync(stanza);
  return {
    "/dists/sid/main/source/Sources.gz": index,
    "/dists/sid/InRelease": `Suite: sid\nSHA256:\n ${sha256(index)} ${index.length} main/source/Sources.gz\n`,
    ...Object.fromEntries(Object.entries(files).map(([file, bytes]) => [`/pool/main/z/zlib/${file}`, bytes])),
  };
}

/** The lock with one version, signed by nobody that anyone knows of. */
function lockOf(version: string): SourceLock {
  const bytes = tarball(version);
  const places = [`debian:pool/main/z/zlib/zlib_${version}.orig.tar.gz`];
  const candidates = [{ origin: "debian-repack" as const, sha256: sha256(bytes), size: bytes.length, places }];
  return { version: 1, sources: { zlib: { version, licence: "Zlib", homepage: "https://zlib.net/", candidates } } };
}

/** What `hadron sources update` does. */
async function update(lock: SourceLock, files: Record<string, Answer>, more: Partial<UpdateSourcesOptions> = {}) {
  await using server = await serve(files);
  const { cacheRoot = root } = more;
  const folder = join(cacheRoot, "signatures");
  const updated = await updateSources({
    ...{ lock, folder, cacheRoot, mirror: server.url, suites: ["sid"], env: {}, aptDirectory: root },
    ...{ keyring: join(root, "none"), allowUnsigned: true, hosts: rememberHosts(), ...more },
  });
  await writeSignatureFiles(updated.signatures, { lock: updated.lock, folder });
  return updated;
}

/** The lock, the kept files and the cache after 1.0 was found signed by upstream: a copy of what is made once. */
async function pinned(): Promise<SourceLock> {
  pinnedOnce ??= pin();
  const { lock, folder } = await pinnedOnce;
  cpSync(folder, root, { recursive: true });
  return structuredClone(lock);
}

let pinnedOnce: ReturnType<typeof pin> | undefined;
afterAll(async () => {
  if (pinnedOnce) rmSync((await pinnedOnce).folder, { recursive: true });
});

async function pin() {
  const folder = mkdtempSync(join(tmpdir(), "hadron-pinned-"));
  const signature = await signWith(upstream, tarball("1.0"));
  const files = await archive("1.0", { signature, key: upstream });
  const { lock } = await update(lockOf("1.0"), files, { cacheRoot: folder });
  return { lock, folder };
}

describe("hadron sources update", () => {
  it("notes in the lock who signed what is pinned, and keeps signature and key beside it", async () => {
    const signature = await signWith(upstream, tarball("1.0"));
    const { lock, changes } = await update(lockOf("1.0"), await archive("1.0", { signature, key: upstream }));
    const { fingerprint } = upstream;
    expect(lock.sources.zlib?.keys).toEqual({ [fingerprint]: "upstream <upstream@example.org>" });
    const signed = { keyFingerprint: fingerprint, made: "2020-01-10", covers: "archive" };
    expect(lock.sources.zlib?.candidates).toMatchObject([{ signature: signed }]);
    expect(changes.map(formatSourceChange)).toEqual([
      `zlib: 1.0, signed 2020-01-10 by ${fingerprint} (upstream <upstream@example.org>)`,
    ]);
    expect(readdirSync(join(root, "signatures")).sort()).toEqual(["zlib-1.0.tar.gz.asc", "zlib.keys.asc"]);
  });

  it("takes a newer version that the same key signed, and forgets the old signature", async () => {
    const before = await pinned();
    const signature = await signWith(upstream, tarball("1.1"));
    // Debian's package may even have lost the key: the kept one counts.
    const { lock } = await update(before, await archive("1.1", { signature }));
    expect(lock.sources.zlib).toMatchObject({ version: "1.1", keys: before.sources.zlib?.keys });
    expect(readdirSync(join(root, "signatures")).sort()).toEqual(["zlib-1.1.tar.gz.asc", "zlib.keys.asc"]);
  });

  it("refuses a forged signature, even where nothing was signed before", async () => {
    const signature = await signWith(upstream, "other bytes");
    await expect(update(lockOf("1.0"), await archive("1.0", { signature, key: upstream }))).rejects.toMatchObject({
      code: "SOURCE_SIGNATURE_BAD",
      kind: "source",
      at: "sources.lock.json: sources.zlib",
    });
  });

  it("refuses another key, also one that Debian's package carries, until it is accepted by its fingerprint", async () => {
    const before = await pinned();
    const files = await archive("1.1", { signature: await signWith(successor, tarball("1.1")), key: successor });
    await expect(update(before, files)).rejects.toMatchObject({
      code: "SOURCE_KEY_CHANGED",
      hint: expect.stringContaining(`--accept-key ${successor.fingerprint}`),
    });
    await expect(update(before, files, { acceptKeys: [stranger.fingerprint] })).rejects.toMatchObject({
      code: "SOURCE_KEY_CHANGED",
    });
    const { lock } = await update(before, files, { acceptKeys: [successor.fingerprint] });
    expect(Object.keys(lock.sources.zlib?.keys ?? {}).sort()).toEqual(
      [upstream.fingerprint, successor.fingerprint].sort(),
    );
    // Both may sign from now on.
    const next = await archive("1.2", { signature: await signWith(upstream, tarball("1.2")) });
    expect((await update(lock, next)).lock.sources.zlib?.version).toBe("1.2");
  });

  it("refuses a key that nobody knows", async () => {
    const files = await archive("1.1", { signature: await signWith(stranger, tarball("1.1")), key: upstream });
    await expect(update(await pinned(), files)).rejects.toMatchObject({ code: "SOURCE_SIGNATURE_MISSING" });
  });

  it("refuses a key that had expired, and notes it where nothing was signed before", async () => {
    const brief = await makeKey("brief", { days: 30 });
    const signature = await signWith(brief, tarball("1.0"));
    const before = (await update(lockOf("1.0"), await archive("1.0", { signature, key: brief }))).lock;
    const late = await expiredSignature(brief, tarball("1.1"));
    const files = await archive("1.1", { signature: late, key: brief });
    await expect(update(before, files)).rejects.toMatchObject({
      code: "SOURCE_SIGNATURE_MISSING",
      message: expect.stringMatching(/expired/),
    });
    rmSync(join(root, "signatures"), { recursive: true });
    const { lock } = await update(lockOf("1.0"), files);
    expect(lock.sources.zlib?.candidates).toMatchObject([{ signature: { missing: expect.stringMatching(/expired/) } }]);
  });

  it.each([
    ["that is missing", undefined],
    ["that is cut short", "half"],
  ])("refuses a signature %s where the version before had a good one, unless that is accepted", async (_what, kind) => {
    const before = await pinned();
    const whole = await signWith(upstream, tarball("1.1"));
    const parts = kind === undefined ? {} : { signature: whole.slice(0, whole.length / 2) };
    const files = await archive("1.1", { ...parts, key: upstream });
    await expect(update(before, files)).rejects.toMatchObject({ code: "SOURCE_SIGNATURE_MISSING" });
    const { lock } = await update(before, files, { acceptUnsigned: true });
    expect(lock.sources.zlib).toMatchObject({
      version: "1.1",
      keys: before.sources.zlib?.keys,
      candidates: [{ signature: { missing: expect.any(String) } }],
    });
  });

  it("takes a signature over what is inside the compressed file, as kernel.org makes them", async () => {
    const signature = await signWith(upstream, "zlib 1.0");
    const { lock } = await update(lockOf("1.0"), await archive("1.0", { signature, key: upstream }));
    expect(lock.sources.zlib?.candidates).toMatchObject([{ signature: { covers: "tar" } }]);
  });

  it("finds the signature beside upstream's own file where Debian has none", async () => {
    const files = await archive("1.0", { key: upstream });
    await using own = await serve({
      "/zlib-1.0.tar.gz.asc": "<html>Not here</html>",
      "/zlib-1.0.tar.sign": await signWith(upstream, "zlib 1.0"),
    });
    const before = lockOf("1.0");
    const [candidate] = before.sources.zlib?.candidates ?? [];
    Object.assign(candidate ?? {}, {
      origin: "upstream",
      places: [`${own.url}/zlib-1.0.tar.gz`, ...(candidate?.places ?? [])],
    });
    const { lock } = await update(before, files);
    expect(lock.sources.zlib?.candidates).toMatchObject([{ signature: { keyFingerprint: upstream.fingerprint } }]);
  });

  it("changes neither lock nor files where one source is refused", async () => {
    const before = await pinned();
    const kept = readFileSync(join(root, "signatures/zlib-1.0.tar.gz.asc"), "utf8");
    const files = await archive("1.1", { signature: await signWith(upstream, "other"), key: upstream });
    await expect(update(before, files)).rejects.toMatchObject({ code: "SOURCE_SIGNATURE_BAD" });
    expect(readFileSync(join(root, "signatures/zlib-1.0.tar.gz.asc"), "utf8")).toBe(kept);
  });
});

describe("hadron sources verify", () => {
  const verify = (lock: SourceLock) => verifySources({ lock, cacheRoot: root, folder: join(root, "signatures") });

  it("checks upstream's signature again, without a network", async () => {
    expect(await verify(await pinned())).toMatchObject([{ outcome: "good", signature: "good" }]);
  });

  it.each([
    ["is lost", (path: string) => rmSync(path)],
    ["was made by another key", async (path: string) => writeFileSync(path, await signWith(stranger, tarball("1.0")))],
    ["was cut short", (path: string) => writeFileSync(path, readFileSync(path, "utf8").slice(0, 100))],
  ])("refuses a kept signature that %s", async (_what, spoil) => {
    const lock = await pinned();
    await spoil(join(root, "signatures/zlib-1.0.tar.gz.asc"));
    const verified = await verify(lock);
    expect(verified).toMatchObject([{ outcome: "good", signature: "bad" }]);
    expect(() => refuseDamagedSources(verified)).toThrow(expect.objectContaining({ code: "SOURCE_SIGNATURE_BAD" }));
  });

  it("refuses a key put beside the lock that the lock does not pin", async () => {
    const lock = await pinned();
    writeFileSync(join(root, "signatures/zlib-1.0.tar.gz.asc"), await signWith(stranger, tarball("1.0")));
    writeFileSync(join(root, "signatures/zlib.keys.asc"), stranger.public);
    expect(await verify(lock)).toMatchObject([{ signature: "bad" }]);
  });
});

/** Signed by a program that doesn't mind that the key has expired. */
async function expiredSignature(key: TestKey, data: Uint8Array): Promise<string> {
  const { reformatKey } = await import("openpgp");
  const { privateKey } = await reformatKey({
    privateKey: key.private,
    userIDs: [{ name: "brief" }],
    date: new Date("2020-01-01"),
    format: "object",
  });
  return signWith({ ...key, private: privateKey }, data, new Date("2021-01-01"));
}
