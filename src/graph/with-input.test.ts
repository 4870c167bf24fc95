import { expect, it } from "vitest";
import type { Graph, Step, StepInput } from "./step.ts";
import { withInput } from "./with-input.ts";

const step = (id: string): Step => ({ id, at: "", script: "", env: {}, inputs: [] });
const graph: Graph = { arch: "x86_64", steps: new Map(["app", "app:test", "other"].map((id) => [id, step(id)])) };
const input: StepInput = { kind: "files", directory: "/d", mount: "/needs/more", digest: "0" };

it("gives both steps of a component an input more, and leaves the others and the graph as they are", () => {
  const more = withInput(graph, "app", input);
  expect([...more.steps].map(([id, { inputs }]) => [id, inputs])).toEqual([
    ["app", [input]],
    ["app:test", [input]],
    ["other", []],
  ]);
  expect(graph.steps.get("app")?.inputs).toEqual([]);
});
