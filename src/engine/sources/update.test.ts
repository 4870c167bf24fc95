import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Event, sha256 } from "../../base/mod.ts";
import { parseSourcesIndex } from "./debian-sources.ts";
import { rememberHosts } from "./hosts.ts";
import type { SourceEntry, SourceLock } from "./lock.ts";
import { type Answer, serve } from "./test-server.ts";
import { formatSourceChange, updateSources } from "./update.ts";
import { upstreamUrl } from "./upstream-url.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hadron-update-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** One suite with these upstream tarballs of `linux`, each holding its version as text. */
function archive(versions: string[]): Record<string, Answer> {
  const stanzas = versions.map(
    (version) => `Package: linux
Version: ${version}-1
Checksums-Sha256:
 ${"0".repeat(64)} 5 linux_${version}-1.debian.tar.xz
 ${sha256(version)} ${version.length} linux_${version}.orig.tar.xz
Directory: pool/main/l/linux
`,
  );
  const index = gzipSync(stanzas.join("\n"));
  return {
    "/dists/sid/main/source/Sources.gz": index,
    "/dists/sid/InRelease": `Suite: sid\nSHA256:\n ${sha256(index)} ${index.length} main/source/Sources.gz\n`,
    ...Object.fromEntries(versions.map((version) => [`/pool/main/l/linux/linux_${version}.orig.tar.xz`, version])),
  };
}

function linux(version: string, places: string[] = []): SourceLock {
  const pool = `debian:pool/main/l/linux/linux_${version}.orig.tar.xz`;
  const candidate = { sha256: sha256(version), size: version.length, places: [...places, pool] };
  const origin = places.length > 0 ? ("upstream" as const) : ("debian-repack" as const);
  const about = { series: "6.12", licence: "GPL-2.0-only", homepage: "https://www.kernel.org/" };
  const signature = { missing: "Not in these tests" };
  return { version: 1, sources: { linux: { version, ...about, candidates: [{ origin, ...candidate, signature }] } } };
}

async function update(lock: SourceLock, mirror: string, events: Event[] = []) {
  const emit = (event: Event): void => void events.push(event);
  // A keyring that is not there: the archive of these tests is signed by nobody.
  const keyring = join(root, "no-keyring");
  return updateSources({
    lock,
    cacheRoot: root,
    mirror,
    suites: ["sid"],
    env: {},
    aptDirectory: root,
    keyring,
    allowUnsigned: true,
    folder: join(root, "signatures"),
    emit,
    hosts: rememberHosts(),
  });
}

describe("updateSources", () => {
  it("takes the newest release of the series, and shows the change", async () => {
    await using server = await serve(archive(["6.12.9", "6.12.10", "6.12.11~rc1", "6.12.12.20260101", "6.13.1"]));
    const { lock, changes } = await update(linux("6.12.8"), server.url);
    expect(changes.map(formatSourceChange)).toEqual([
      `linux: 6.12.8 → 6.12.10 (debian-repack, sha256 ${sha256("6.12.10")}), not signed: Made by Debian: no signature of upstream's is over these bytes`,
    ]);
    expect(lock.sources.linux).toMatchObject({ version: "6.12.10", series: "6.12", licence: "GPL-2.0-only" });
  });

  it("changes nothing where nothing is newer", async () => {
    await using server = await serve(archive(["6.12.9"]));
    const before = linux("6.12.9");
    expect(await update(before, server.url)).toEqual({ lock: before, changes: [], signatures: [] });
  });

  it("passes over a version whose file the archive lacks, and says so", async () => {
    const { "/pool/main/l/linux/linux_6.12.10.orig.tar.xz": _gone, ...rest } = archive(["6.12.9", "6.12.10"]);
    await using server = await serve(rest);
    const events: Event[] = [];
    const { changes } = await update(linux("6.12.8"), server.url, events);
    expect(changes).toMatchObject([{ to: { version: "6.12.9" } }]);
    expect(events).toContainEqual(expect.objectContaining({ type: "warning", code: "SOURCE_UNREACHABLE" }));
  });

  it("calls a file upstream's own only when upstream gives the same bytes", async () => {
    await using server = await serve({ ...archive(["6.12.9"]), "/up/linux-6.12.9.tar.xz": "6.12.9" });
    const own = await update(linux("6.12.8", [`${server.url}/up/linux-6.12.8.tar.xz`]), server.url);
    expect(own.lock.sources.linux?.candidates).toMatchObject([
      {
        origin: "upstream",
        places: [`${server.url}/up/linux-6.12.9.tar.xz`, "debian:pool/main/l/linux/linux_6.12.9.orig.tar.xz"],
      },
    ]);
    await using other = await serve({ ...archive(["6.12.9"]), "/up/linux-6.12.9.tar.xz": "XXXXXX" });
    const repack = await update(linux("6.12.8", [`${other.url}/up/linux-6.12.8.tar.xz`]), other.url);
    expect(repack.lock.sources.linux?.candidates).toMatchObject([{ origin: "debian-repack" }]);
  });

  it("refuses an index that is not the one in InRelease", async () => {
    const files = archive(["6.12.9"]);
    await using server = await serve({ ...files, "/dists/sid/main/source/Sources.gz": gzipSync("Package: linux\n") });
    await expect(update(linux("6.12.8"), server.url)).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      kind: "source",
    });
  });
});

describe("parseSourcesIndex", () => {
  it("tells upstream's version from Debian's marks, and leaves out component tarballs and other packages", () => {
    const sum = "a".repeat(64);
    const index = ["zlib_1.3.dfsg+really1.3.2", "zlib_1.3.1.dfsg", "zlib_1.3.0", "zlib_1.3.0.orig-docs"]
      .map(
        (file, index) =>
          `Package: zlib\nChecksums-Sha256:\n ${index}${sum.slice(1)} 9 ${file}.orig.tar.gz\nDirectory: pool/z\n`,
      )
      .concat(`Package: zlib-ng\nChecksums-Sha256:\n ${sum} 9 zlib-ng_2.orig.tar.gz\nDirectory: pool/z\n`)
      .join("\n");
    const found = parseSourcesIndex(index.replace(".orig-docs.orig", ".orig-docs"), new Set(["zlib"]));
    expect([...found.keys()]).toEqual(["zlib"]);
    expect(found.get("zlib")?.map(({ version, isRepack }) => [version, isRepack])).toEqual([
      ["1.3.2", true],
      ["1.3.1", true],
      ["1.3.0", false],
    ]);
  });
});

describe("upstreamUrl", () => {
  const entry = (version: string, url: string): SourceEntry => ({
    version,
    licence: "MIT",
    homepage: "https://a.example/",
    candidates: [{ origin: "upstream", sha256: "0".repeat(64), size: 1, places: [url, "debian:pool/a"] }],
  });

  it.each([
    ["2.42.4", "https://k/v2.42/util-linux-2.42.4.tar.xz", "2.43", "https://k/v2.43/util-linux-2.43.tar.xz"],
    ["2.8.3", "https://k/R_2_8_3.tar.gz", "2.9.0", "https://k/R_2_9_0.tar.gz"],
    ["262", "https://k/tags/v262.tar.gz", "263", "https://k/tags/v263.tar.gz"],
    ["1.0", "https://k/latest.tar.gz", "1.1", undefined],
  ])("puts the version in: %s %s → %s", (version, url, wanted, expected) => {
    expect(upstreamUrl(entry(version, url), wanted)).toBe(expected);
  });
});
