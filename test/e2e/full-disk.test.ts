import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { cacheRoot, projectRoot, runProcess, sha256 } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { bubblewrapCommand } from "../../src/engine/sandbox/sandbox.ts";
import { makeDeb } from "../../src/engine/toolbox/test-deb.ts";
import { freshFolder } from "./support/artifacts.ts";

const mebibyte = 1 << 20;

let folder: string;
let small: string;

beforeEach(async () => {
  folder = await freshFolder("full-disk");
  small = join(folder, "small");
  await mkdir(small);
});

/**
 * Runs a module's text in a process that sees a disk of one MiB at `small`, and gives the JSON that it prints.
 * @param words Its arguments, from `process.argv[1]` on
 */
async function withSmallDisk(text: string, ...words: string[]): Promise<unknown> {
  const { path } = await ensureToolboxSet("sandbox", { cacheRoot: cacheRoot() });
  const [program, ...args] = bubblewrapCommand(path);
  const mounts = ["--dev-bind", "/", "/", "--size", `${mebibyte}`, "--tmpfs", small, "--"];
  const node = [process.execPath, "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", text];
  const env = { PATH: process.env.PATH ?? "" };
  const { stdout, stderr } = await runProcess(program, [...args, ...mounts, ...node, ...words], { env });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const source = (path: string) => JSON.stringify(join(projectRoot, "src", path));

describe("a disk that is full", () => {
  it.each(["disk", "qcow2"])("ends the writing of an artifact, and what was there stays (%s)", async (kind) => {
    const output = join(folder, "output");
    await mkdir(output);
    await writeFile(join(output, "disk.raw"), createHash("shake256", { outputLength: 4 * mebibyte }).digest());
    const script = `
      import { readdirSync, writeFileSync } from "node:fs";
      const { writeArtifact } = await import(${source("image/write-artifact.ts")});
      const [, small, output, kind] = process.argv;
      const to = small + "/my";
      writeFileSync(to, "old");
      const error = await writeArtifact({ kind, image: { name: "noise" }, output, to }).catch((error) => error);
      console.log(JSON.stringify({ code: error.code, kind: error.kind, at: error.at, left: readdirSync(small) }));`;
    expect(await withSmallDisk(script, small, output, kind)).toEqual({
      ...{ code: "IMAGE_OUTPUT_FULL", kind: "host" },
      ...{ at: join(small, "my"), left: ["my"] },
    });
  });

  it("ends the unpacking of the toolbox, and leaves no half of it", async () => {
    const deb = await makeDeb({ "./big": "x".repeat(4_000_000) }, "xz");
    const file = "pool/main/big_1_all.deb";
    const mirror = join(folder, "mirror");
    await mkdir(mirror);
    await writeFile(join(mirror, basename(file)), deb);
    const set = { summary: "a test", packages: ["big"], links: {}, files: {}, directories: [] };
    const locked = { name: "big", version: "1", file, sha256: sha256(deb), size: deb.length };
    const options = {
      ...{ cacheRoot: small, mirrors: [mirror], sets: { test: set } },
      lock: { suite: "test", date: "2026-01-01", sets: { test: { packages: [locked] } } },
    };
    const script = `
      import { readdirSync } from "node:fs";
      const { ensureToolboxSet } = await import(${source("engine/mod.ts")});
      const options = JSON.parse(process.argv[1]);
      const error = await ensureToolboxSet("test", options).catch((error) => error);
      const left = readdirSync(options.cacheRoot + "/toolbox");
      console.log(JSON.stringify({ code: error.code, kind: error.kind, left }));`;
    expect(await withSmallDisk(script, JSON.stringify(options))).toEqual({
      ...{ code: "STORE_FULL", kind: "store", left: [] },
    });
  });
});
