import { expect, it } from "vitest";
import { testContext } from "../test-context.ts";
import { command } from "./list.ts";

it("names components that only an image has, marked, and what depends on a key", async () => {
  const input = { arch: "x86_64", json: false, events: "auto" } as const;
  const data = await command.run(input, testContext());
  const of = (name: string) => data.components.find((component) => component.name === name);
  expect(of("kmod")).toMatchObject({ onlyIn: [], needsKey: false });
  expect(of("linux-edge")).toMatchObject({ onlyIn: ["edge"], needsKey: false });
  expect(of("linux-edge-signed")).toMatchObject({ onlyIn: ["edge"], needsKey: true, built: false });
  const text = command.render(data, input);
  expect(text).toMatch(/^linux-edge-signed +\S+ +by a key +.* \(only in edge\)$/m);
  expect(text).toMatch(/^kmod +\S+ +no +[^(]*$/m);
});
