import { expect, it } from "vitest";
import { projectRoot, silent } from "../../base/mod.ts";
import { command } from "./show.ts";

const context = {
  ...{ emit: silent, signal: new AbortController().signal, environment: {}, takeTerminal: () => {} },
  ...{ root: projectRoot, cacheRoot: "/nonexistent" },
};

async function show(component: string) {
  const input = { component, arch: "x86_64", json: false, events: "auto" } as const;
  const data = await command.run(input, context);
  return { data, text: command.render(data, input) };
}

it("shows what a component needs, also what it gets without naming it, and that it is not built", async () => {
  const { data, text } = await show("kmod");
  expect(data.needs).toEqual({
    tools: ["toolchain"],
    libs: ["zstd", "musl", "linux-headers"],
    trees: [],
    implied: ["toolchain", "musl", "linux-headers"],
  });
  expect(text).toMatch(/^tools +toolchain$/m);
  expect(text).toMatch(/^libs +zstd musl linux-headers$/m);
  expect(text).toMatch(/^output +not built: hadron build kmod$/m);
});

it("shows that the first compiler needs nothing of ours", async () => {
  const { data } = await show("binutils");
  expect(data.needs).toEqual({ tools: [], libs: [], trees: [], implied: [] });
});
