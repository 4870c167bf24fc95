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

it("says of what signs modules that it depends on a key, and names the option", async () => {
  const { data, text } = await show("linux-edge-signed");
  expect(data.needsKey).toBe(true);
  expect(text).toMatch(/^built +depends on a key that signs modules$/m);
  expect(text).toMatch(/^output +hadron build linux-edge-signed --module-key FILE$/m);
  expect((await show("linux-edge")).data.needsKey).toBe(false);
});
