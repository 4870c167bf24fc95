import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compareBuilds, type Pair } from "../reproducible/compare-builds.ts";
import { resultText } from "../reproducible/record-result.ts";
import { projectFiles } from "./tree.ts";

const pair = (name: string, first: string | undefined, second = first): Pair => ({
  name,
  digests: { first, second },
  places: { first, second },
});
const now = new Date("2026-11-28T10:00:00Z");
const commit = { id: "0123456789abcdef0123456789abcdef01234567", isChanged: false };

describe("the result of building everything twice", () => {
  it("says date, commit and counts, and lists all digests", () => {
    const result = {
      steps: [pair("zlib", "aa"), pair("cloud:disk", "bb")],
      artifacts: [pair("cloud.disk", "cc")],
      different: { steps: [], artifacts: [] },
    };
    expect(resultText(result, { commit, now })).toBe(
      [
        "2026-11-28, commit 0123456789ab: 2 of 2 steps and 1 of 1 artifacts are bit-identical.",
        "",
        "```text",
        "artifact cloud.disk cc",
        "step cloud:disk bb",
        "step zlib aa",
        "```",
      ].join("\n"),
    );
  });

  it("names what differed, and says where the commit is not what was built", () => {
    const zlib = { name: "zlib", differences: [] };
    const result = { steps: [pair("zlib", "aa", "ab")], artifacts: [], different: { steps: [zlib], artifacts: [] } };
    const text = resultText(result, { commit: { ...commit, isChanged: true }, now });
    expect(text).toContain("0 of 1 steps and 0 of 0 artifacts are bit-identical.\n\nDifferent: `zlib`.");
    expect(text).toContain("commit 0123456789ab, with changes that were not committed:");
  });

  it("has its place in the documentation", () => {
    const page = projectFiles("docs/reproducible.md").get("docs/reproducible.md") ?? "";
    expect(page).toMatch(/<!-- result -->\n[\s\S]+\n<!-- \/result -->/);
  });

  it("looks into what differs only, and counts what one of them lacks", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-"));
    const [one, other] = [join(folder.path, "one"), join(folder.path, "other")];
    await writeFile(one, "abc");
    await writeFile(other, "abd");
    const files = { name: "file", digests: { first: "1", second: "2" }, places: { first: one, second: other } };
    const lacking = {
      name: "lacking",
      digests: { first: "1", second: undefined },
      places: { first: one, second: undefined },
    };
    expect(await compareBuilds([pair("same", "1"), files, lacking])).toMatchObject([
      { name: "file", differences: [{ where: ["one"], at: 2 }] },
      { name: "lacking", differences: [{ what: "only in the first" }] },
    ]);
  });
});
