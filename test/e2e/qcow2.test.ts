import { createHash } from "node:crypto";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cacheRoot, runProcess } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/toolbox/mod.ts";
import { writeQcow2 } from "../../src/formats/mod.ts";
import { sandboxCommand, workInside } from "../../src/vm/sandbox.ts";

const mebibyte = 1 << 20;
let tools: { vm: string; sandbox: string };
let folder: string;

beforeAll(async () => {
  const [vm, sandbox] = await Promise.all(
    ["vm", "sandbox"].map((set) => ensureToolboxSet(set, { cacheRoot: cacheRoot() })),
  );
  tools = { vm: vm?.path ?? "", sandbox: sandbox?.path ?? "" };
  folder = await mkdtemp(join(tmpdir(), "hadron-qcow2-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("makes what qemu-img finds sound and equal to the raw image", async () => {
  await writeRaw({ size: 900 * mebibyte, data: 40 });
  await writeQcow2(join(folder, "raw"), join(folder, "qcow2"));
  await expectSound({ clusterBytes: 65_536 });
});

it("does so with more refcount blocks than one cluster of the refcount table names", async () => {
  await writeRaw({ size: 44 * mebibyte, data: 20 });
  await writeQcow2(join(folder, "raw"), join(folder, "qcow2"), { clusterBits: 9 });
  expect((await readFile(join(folder, "qcow2"))).readUInt32BE(56)).toBe(2);
  await expectSound({ clusterBytes: 512 });
});

async function expectSound({ clusterBytes }: { clusterBytes: number }): Promise<void> {
  const checked = await qemuImg("check", "--output=json", `${workInside}/qcow2`);
  expect(checked).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(checked.stdout)).toMatchObject({ "check-errors": 0, format: "qcow2" });
  expect(JSON.parse(checked.stdout)).not.toHaveProperty("leaks");
  const info = await qemuImg("info", "--output=json", `${workInside}/qcow2`);
  expect(JSON.parse(info.stdout)).toMatchObject({
    "cluster-size": clusterBytes,
    "format-specific": { data: { compat: "1.1", "compression-type": "zlib", corrupt: false, "refcount-bits": 16 } },
  });
  const compared = await qemuImg("compare", "-f", "raw", "-F", "qcow2", `${workInside}/raw`, `${workInside}/qcow2`);
  expect(compared).toMatchObject({ exitCode: 0, stderr: "" });
}

async function qemuImg(...args: string[]) {
  const [program = "", ...rest] = sandboxCommand(tools, folder, [], ["qemu-img", ...args]);
  return await runProcess(program, rest);
}

/** An image with so many MiB in it, spread out: every other one noise, every other one what deflates well. */
async function writeRaw({ size, data }: { size: number; data: number }): Promise<void> {
  await using file = await open(join(folder, "raw"), "w");
  await file.truncate(size);
  const step = Math.floor(size / data / 512) * 512;
  for (let index = 0; index < data; index++) {
    const bytes = index % 2 ? Buffer.alloc(mebibyte / 2, `line ${index}\n`) : noise(index);
    await file.write(bytes, 0, bytes.length, index * step);
  }
}

/** A MiB that does not compress, the same each time. */
function noise(seed: number): Buffer {
  return createHash("shake256", { outputLength: mebibyte }).update(`${seed}`).digest();
}
