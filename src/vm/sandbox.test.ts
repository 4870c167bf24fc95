import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandboxCommand } from "./sandbox.ts";

test("bubblewrap is run by its own tree's loader, and ends with its parent", async () => {
  await using stack = new AsyncDisposableStack();
  const tree = await mkdtemp(join(tmpdir(), "tree-"));
  stack.defer(() => rm(tree, { recursive: true }));
  for (const folder of ["usr/lib64", "usr/lib/x86_64-linux-gnu"]) await mkdir(join(tree, folder), { recursive: true });
  await writeFile(join(tree, "usr/lib64/ld-linux-x86-64.so.2"), "");
  const bindings = [{ from: "/images", to: "/disks/0", readonly: true }];
  const command = sandboxCommand({ vm: "/toolbox/vm", sandbox: tree }, "/tmp/work", bindings, ["/usr/bin/qemu", "-S"]);
  await expect(`${command.join(" ").replaceAll(tree, "TREE").replaceAll(" --", "\n--")}\n`).toMatchFileSnapshot(
    "golden/sandbox.txt",
  );
});

test("a tree without a loader is refused by name", () => {
  expect(() => sandboxCommand({ vm: "/toolbox/vm", sandbox: "/nowhere" }, "/tmp/work", [], [])).toThrow("/nowhere");
});
