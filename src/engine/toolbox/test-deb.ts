import { spawnSync } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pack } from "tar-stream";
import type { DebCompression } from "../../formats/mod.ts";

/** What a package of a test holds, by path (`./usr/bin/x`): a text, with a mode, or the target of a symbolic link. */
export type TestFiles = Record<string, string | { text: string; mode: number } | { link: string }>;

/** A Debian binary package, for tests. */
export async function makeDeb(files: TestFiles, compression: DebCompression = "xz"): Promise<Buffer> {
  const suffix = compression === "none" ? "" : `.${compression}`;
  return makeAr([
    ["debian-binary", Buffer.from("2.0\n")],
    ["control.tar.gz", gzipSync(await makeTar({ "./control": "Package: x\n" }))],
    [`data.tar${suffix}`, compress(await makeTar(files), compression)],
  ]);
}

export function makeAr(members: [name: string, data: Buffer][]): Buffer {
  const parts = members.flatMap(([name, data]) => {
    const header = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(data.length).padEnd(10)}\`\n`;
    return [Buffer.from(header), data, Buffer.from(data.length % 2 === 0 ? "" : "\n")];
  });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}

async function makeTar(files: TestFiles): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith("/")) tar.entry({ name, type: "directory", mode: 0o755 });
    else if (typeof content === "string") tar.entry({ name, mode: 0o644 }, content);
    else if ("link" in content) tar.entry({ name, type: "symlink", linkname: content.link });
    else tar.entry({ name, mode: content.mode }, content.text);
  }
  tar.finalize();
  return await buffer(tar);
}

function compress(data: Buffer, compression: DebCompression): Buffer {
  if (compression === "gz") return gzipSync(data);
  if (compression === "zst") return zstdCompressSync(data);
  return compression === "xz" ? spawnSync("xz", ["-c"], { input: data }).stdout : data;
}
