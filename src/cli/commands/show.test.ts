import { expect, it } from "vitest";
import { testContext } from "../test-context.ts";
import { command } from "./show.ts";

async function show(component: string) {
  const input = { component, arch: "x86_64", json: false, events: "auto" } as const;
  const data = await command.run(input, testContext());
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
