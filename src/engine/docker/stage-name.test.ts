import { describe, expect, it } from "vitest";
import { stageName } from "./stage-name.ts";

describe("the stage of a step", () => {
  it.each([
    ["zlib", "zlib"],
    ["zlib:test", "zlib.test"],
    ["cloud:root", "cloud.root"],
    ["open-iscsi", "open-iscsi"],
  ])("%s is %s", (id, name) => {
    expect(stageName(id)).toBe(name);
  });

  it("is another one for each step", () => {
    const ids = [
      "a",
      "A",
      "a:b",
      "a.b",
      "a_b",
      "a-b",
      "a--b",
      "a---b",
      "a:b:c",
      "a:b.c",
      "a_2eb",
      "5a",
      "_5a",
      "step--5a",
      "é",
      "\u00c3",
    ];
    expect(new Set(ids.map(stageName)).size).toBe(ids.length);
  });

  it.each(["scratch", "context", "sources", "0", "7zip", "Zlib", "_x", "-x", "é", "a b", "a/b"])(
    "is one that BuildKit takes, and has not taken already: %s",
    (id) => {
      expect(stageName(id)).toMatch(/^[a-z][a-z0-9-_.]*$/);
      expect(["scratch", "context", "sources"]).not.toContain(stageName(id));
    },
  );

  it.each([
    "zlib--run",
    "zlib--script",
    "hadron--outputs",
    "hadron--toolbox",
    "merged--0123456789ab",
    "scratch",
    "7zip",
  ])("is none of the stages beside the steps': %s", (id) => {
    expect(stageName(id)).not.toMatch(/--(run|script|outputs|engine|toolbox|ran|[0-9a-f]{12})$/);
  });
});
