import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tailOf } from "./log-tail.ts";

it("gives the last lines of a file, however large it is", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-log-"));
  const log = join(folder.path, "log");
  await writeFile(log, `${"a line\n".repeat(50_000)}last but one\nlast\n`);
  expect(await tailOf(log, 2)).toBe("last but one\nlast");
  await writeFile(log, "only\n");
  expect(await tailOf(log, 30)).toBe("only");
  await writeFile(log, "");
  expect(await tailOf(log, 30)).toBe("");
});
