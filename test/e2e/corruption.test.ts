import { copyFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { freshDisk, freshFolder, stepOutput } from "./support/artifacts.ts";
import { ask, boot, isUp, runLast } from "./support/boot.ts";
import { judge, runOfOs } from "./support/judge.ts";
import { flipByte, partitionOf } from "./support/partitions.ts";

const seed = 20260921;
const count = 50;
const block = 4096;

/** Mulberry32: the same places on every run. */
function randomNumbers(state: number): (below: number) => number {
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

interface Place {
  file: "root.erofs" | "root.verity";
  offset: number;
}

/** Half in the data, half in the hash tree. Its first block is the superblock, of which not every byte has a meaning. */
function chooseFrom(sizes: { data: number; hashes: number }): Place[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0
      ? { file: "root.erofs", offset: random(sizes.data) }
      : { file: "root.verity", offset: block + random(sizes.hashes - block) },
  );
}

describe("a flipped byte", () => {
  it("is named by veritysetup, ours and Debian's, in each of 50 places of root data and hash tree", async () => {
    const folder = await freshFolder("corruption");
    const [verity, root] = [await stepOutput("verity"), await stepOutput("root")];
    for (const name of ["root.erofs", "root.verity"]) await copyFile(join(verity, name), join(folder, name));
    const hash = (await readFile(join(verity, "roothash"), "utf8")).trim();
    const files = [join(folder, "root.erofs"), join(folder, "root.verity")];
    const verify = async () => {
      const results = [
        await runOfOs(root, "usr/bin/veritysetup", ["verify", ...files, hash]),
        await judge("judges", "/usr/sbin/veritysetup", ["verify", ...files, hash]),
      ];
      return results.map(({ exitCode, stdout, stderr }) => ({ exitCode, output: stdout + stderr }));
    };
    expect(await verify(), "without a flipped byte").toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);

    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    const places = chooseFrom({ data: sizes[0] ?? 0, hashes: sizes[1] ?? 0 });
    expect(places.map(({ file }) => file)).toContain("root.verity");
    for (const { file, offset } of places) {
      const where = `${file} at ${offset} (seed ${seed})`;
      await flipByte(join(folder, file), offset);
      for (const { exitCode, output } of await verify()) {
        expect(exitCode, where).not.toBe(0);
        // Of the data, the block itself is named; of the tree, where it no longer agrees.
        const named = file === "root.erofs" ? `failed at position ${offset - (offset % block)}\\.` : "position \\d+";
        expect(output, where).toMatch(new RegExp(named));
      }
      await flipByte(join(folder, file), offset);
    }
    expect(await verify(), "with all bytes flipped back").toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  });

  it("stops the node that reads it, instead of being returned, and the node starts again", async () => {
    const disk = await freshDisk(join(await freshFolder("corruption-on-node"), "disk.raw"));
    const inRoot = await middleOfFile("/usr/bin/systemd-analyze");
    await flipByte(disk, (await partitionOf(disk, "root")).start + inRoot);
    await using vm = await boot("corruption", {
      disks: [{ path: disk, format: "raw", snapshot: true }],
      noReboot: true,
      // A real machine has no panic device: the kernel is on its own.
      onPanic: "continue",
    });
    await isUp(vm);
    expect(await ask(vm, "cat /usr/bin/busybox | wc -c")).toMatch(/^\d+$/);
    runLast(vm, "find /usr -xdev -type f -exec cat {} + > /dev/null; echo c > /run/all-was-read");
    await vm.waitForEvent("GUEST_PANICKED", { seconds: 120 });
    expect(await vm.waitForExit({ seconds: 60 })).toMatchObject({ reason: "reset" });
  });
});

/** The offset in the root's image of a byte in the middle of a file's largest extent; no boot reads that program. */
async function middleOfFile(path: string): Promise<number> {
  const image = join(await stepOutput("verity"), "root.erofs");
  const { stdout, stderr } = await judge("judges", "/usr/bin/dump.erofs", [`--path=${path}`, "-e", image]);
  // "   0:        0..   65536 |   65536 :       4096..     32768 |   28672"
  const extents = [...stdout.matchAll(/^ *\d+: *\d+\.\. *\d+ \| *\d+ : *(\d+)\.\. *(\d+) \| *(\d+)$/gm)];
  const largest = extents.sort((a, b) => Number(b[3]) - Number(a[3]))[0];
  if (largest === undefined) throw new Error(`dump.erofs shows no extents of "${path}": ${stdout}${stderr}`);
  return Math.floor((Number(largest[1]) + Number(largest[2])) / 2);
}
