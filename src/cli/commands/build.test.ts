import { expect, it } from "vitest";
import { parseInput } from "../parse-input.ts";
import { parseCommandLine } from "../program.ts";
import type { Input } from "../table.ts";
import { testContext } from "../test-context.ts";
import { command } from "./build.ts";

async function build(words: string) {
  const request = parseCommandLine(["build", ...words.split(" ")], "1.2.3");
  if (request.kind !== "command") throw new Error("not a command");
  return command.run(parseInput(request, {}) as unknown as Input<"build">, testContext());
}

it.each([["linux-edge-signed"], ["linux-edge-signed:test"], ["edge:root"]])(
  "a shell in the sandbox of %s needs signatures as a build of it does",
  async (step) => {
    await expect(build(`${step} --shell`)).rejects.toMatchObject({ code: "MODULES_UNSIGNED" });
  },
);

it("a shell takes no key where nothing is to be signed", async () => {
  await expect(build("kmod --shell --module-key x")).rejects.toMatchObject({ code: "USAGE_OPTION" });
});

it("a shell is that of one step", async () => {
  await expect(build("zlib xz --shell")).rejects.toMatchObject({ code: "USAGE_ARGUMENT" });
});
