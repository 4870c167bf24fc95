import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeNewModuleKey } from "../image/mod.ts";
import { listDigests } from "./list-digests.ts";
import { parseInput } from "./parse-input.ts";
import { parseCommandLine } from "./program.ts";
import type { Input } from "./table.ts";
import { testContext } from "./test-context.ts";

/** Where a store can't be opened, and so nothing be built: what comes before that is judged here. */
const context = testContext("/dev/null/cache");

function list(...words: string[]) {
  const request = parseCommandLine(["digests", ...words, "--offline"], "0");
  if (request.kind !== "command") throw new Error("No command");
  const input = parseInput(request, {}) as Input<"digests">;
  return listDigests(input.image, input, context);
}

describe("digests of an image whose modules have to be signed", () => {
  const unsigned = { kind: "usage", code: "MODULES_UNSIGNED" };

  it("are refused without a key before anything is built, by the image's name", async () => {
    await expect(list("edge")).rejects.toMatchObject({ ...unsigned, hint: expect.stringContaining("--module-key") });
  });

  it("are so where no image is named, which is all of them; those that take no key are named", async () => {
    const hint = expect.stringMatching(/--module-key FILE.*name the images that take none: cloud container toolchain$/);
    await expect(list()).rejects.toMatchObject({ ...unsigned, hint });
  });

  it("are made with a key, which is read first", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-digests-"));
    const key = join(folder.path, "modules.pem");
    await expect(list("edge", "--module-key", key)).rejects.toMatchObject({ code: "MODULE_KEY_INVALID", at: key });
    await writeNewModuleKey(key, "Test", { modulusLength: 2048 });
    await expect(list("edge", "--module-key", key)).rejects.toMatchObject({ kind: "store" });
  });
});

it("a key for modules is refused where the images have none", async () => {
  await expect(list("cloud", "--module-key", "x")).rejects.toMatchObject({ code: "USAGE_OPTION" });
});
