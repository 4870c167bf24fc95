import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";
import { readSourceLock, readToolboxLock } from "../../src/engine/mod.ts";
import { loadRecipes, planRecipes } from "../../src/graph/mod.ts";
import { targets } from "../../src/recipe/mod.ts";
import { adaptGraph } from "../ddc/adapt.ts";
import { explain } from "../ddc/exceptions.ts";
import { resultText } from "../ddc/record.ts";
import { secondSets, secondSuite } from "../ddc/second-toolbox.ts";
import { projectFiles } from "./tree.ts";

const commit = { id: "0123456789abcdef0123456789abcdef01234567", isChanged: false };
const now = new Date("2026-11-28T10:00:00Z");

describe("a build with a second toolbox", () => {
  it("has packages of an older release, pinned, and all that the set asks for", async () => {
    const lock = await readToolboxLock(join(projectRoot, "ddc.lock.json"));
    expect(lock.suite).toBe(secondSuite);
    expect(secondSuite).not.toBe((await readToolboxLock()).suite);
    const names = new Set(lock.sets.build?.packages.map(({ name }) => name));
    expect(secondSets.build?.packages.filter((name) => !names.has(name))).toEqual([]);
    const gcc = lock.sets.build?.packages.find(({ name }) => name === "gcc-12");
    expect(gcc?.version).toMatch(/^12\./);
  });

  it("says to older tools what they would do otherwise, and nothing else", async () => {
    const { sources } = readSourceLock();
    const versions = new Map(Object.entries(sources).map(([name, { version }]) => [name, version]));
    const recipes = await loadRecipes(join(projectRoot, "recipes"));
    const graph = planRecipes(recipes, { target: targets.x86_64, versions, root: projectRoot });
    const adapted = adaptGraph(graph);
    const changed = [...graph.steps].filter(([id, { script }]) => adapted.steps.get(id)?.script !== script);
    const withMeson = [...graph.steps].filter(([, { script }]) => script.includes("meson setup /build/meson"));
    expect(changed.map(([id]) => id)).toEqual(withMeson.map(([id]) => id));
    expect(changed.length).toBeGreaterThan(0);
    expect(adapted.steps.get("systemd")?.script).toContain('ninja -C /build/meson -j$JOBS "${targets[@]}"');
    expect(() => adaptGraph({ ...graph, steps: new Map() })).toThrow("Meson");
  });

  it("counts exceptions by their cause, and has no cause for the others", () => {
    const known = [{ files: /^\S+ usr\/share\/zoneinfo\//, others: /^cloud\./, cause: "another zic" }];
    const differing = ["cloud:root usr/share/zoneinfo/UTC", "cloud:root usr/bin/x"];
    const { counts, unexplained } = explain({ differing, others: ["cloud.uki", "linux"] }, known);
    expect([...counts]).toEqual([["another zic", { files: 1, others: 1 }]]);
    expect(unexplained).toEqual({ files: ["cloud:root usr/bin/x"], others: ["linux"] });
    expect(explain({ differing: [], others: [] }).unexplained).toEqual({ files: [], others: [] });
  });

  it("excuses nothing of the images that carry neither a compiler nor modules", () => {
    const differing = ["cloud:root usr/lib/modules/7/a.ko", "container:root cross/bin/gcc", "edge:root usr/bin/x"];
    const others = ["linux", "cloud.uki", "container.oci", "edge.initrd"];
    expect(explain({ differing, others }).unexplained).toEqual({ files: differing, others });
  });

  it("is told in the README in one sentence, with each exception", () => {
    const good = { same: ["cloud", "container"], files: 900, differing: [], others: [], otherCount: 14 };
    expect(resultText(good, { commit, now })).toBe(
      "**Independent of the toolbox**: built with Debian 12's packages instead of Debian 13's (`make ddc`), 900 of 900 shipped files and " +
        "14 of 14 kernels and artifacts are bit-identical, of `cloud` and `container` all (2026-11-28, commit 0123456789ab). Exceptions: none.",
    );
    const known = [{ files: /zoneinfo/, others: /disk$/, cause: "another zic" }];
    const bad = {
      ...good,
      differing: ["cloud:root usr/share/zoneinfo/UTC", "cloud:root usr/bin/x"],
      others: ["cloud.uki", "cloud.disk"],
    };
    expect(resultText(bad, { commit, now, known })).toContain(
      "898 of 900 shipped files and 12 of 14 kernels and artifacts",
    );
    expect(resultText(bad, { commit, now, known })).toMatch(
      /Exceptions: 1 files, and 1 artifacts with them: another zic; 1 files, not explained yet; cloud\.uki\.$/,
    );
  });

  it("has its place in the README", () => {
    expect(projectFiles("README.md").get("README.md")).toMatch(/<!-- ddc -->\n[\s\S]+\n<!-- \/ddc -->/);
  });
});
