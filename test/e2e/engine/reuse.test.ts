import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../../src/base/mod.ts";
import type { BuiltStep } from "../../../src/engine/mod.ts";
import { openWorkbench, step } from "./workbench.ts";

const base = (comment: string) => step("base", `echo same > /out/file # ${comment}`);
const middle = step("middle", "cp /needs/base/file /out/copy", ["base"]);
const top = step("top", "cp /needs/middle/copy /out/copy", ["middle"]);

describe("what is built again", () => {
  it("nothing where nothing changed", async () => {
    await using bench = await openWorkbench();
    await bench.build([base("one"), middle, top]);
    expect(bench.outcomes()).toEqual(["built base", "built middle", "built top"]);
    await bench.build([base("one"), middle, top]);
    expect(bench.outcomes()).toEqual(["cached base", "cached middle", "cached top"]);
  });

  it("nothing after a step that was changed and came out the same (early cut-off)", async () => {
    await using bench = await openWorkbench();
    await bench.build([base("one"), middle, top]);
    bench.outcomes();
    await bench.build([base("two"), middle, top]);
    expect(bench.outcomes()).toEqual(["built base", "cached middle", "cached top"]);
  });

  it("what comes after a step that came out differently", async () => {
    await using bench = await openWorkbench();
    await bench.build([base("one"), middle, top]);
    bench.outcomes();
    const built = await bench.build([step("base", "echo other > /out/file"), middle, top]);
    expect(bench.outcomes()).toEqual(["built base", "built middle", "built top"]);
    expect(await readFile(join(built.get("top")?.path ?? "", "copy"), "utf8")).toBe("other\n");
  });

  it("not a step whose output is gone, as long as only its digest is needed", async () => {
    await using bench = await openWorkbench();
    const built = await bench.build([base("one"), middle, top]);
    await bench.store.remove(built.get("base")?.output ?? "");
    bench.outcomes();
    await bench.build([base("one"), middle, top], ["top"]);
    expect(bench.outcomes()).toEqual(["cached base", "cached middle", "cached top"]);
    await bench.build([base("one"), middle, step("other", "cp /needs/base/file /out/x", ["base"])], ["other"]);
    expect(bench.outcomes()).toEqual(["built base", "built other", "cached base"]);
  });

  it("where such a step comes out differently, what depends on it, by what it is now", async () => {
    await using bench = await openWorkbench();
    const random = step("random", "head -c 16 /dev/urandom | xxd > /out/number");
    const user = step("user", "cp /needs/random/number /out/", ["random"]);
    const built = await bench.build([random, user]);
    await bench.store.remove(built.get("random")?.output ?? "");
    await bench.store.remove(built.get("user")?.output ?? "");
    const again = await bench.build([random, user]);
    const number = (id: string) => readFile(join(again.get(id)?.path ?? "", "number"), "utf8");
    expect(await number("user")).toBe(await number("random"));
    expect(again.get("random")?.output).not.toBe(built.get("random")?.output);
  });

  it("a step that is asked to be, once", async () => {
    await using bench = await openWorkbench();
    await bench.build([base("one"), middle, top]);
    bench.outcomes();
    await bench.build([base("one"), middle, top], ["top"], { rebuild: ({ id }) => id === "middle" });
    expect(bench.outcomes()).toEqual(["built middle", "cached base", "cached top"]);
  });

  it("steps that do not need each other run at the same time", async () => {
    await using bench = await openWorkbench();
    const meet = (own: string) => step(own, `date +%s.%N > /out/from; sleep 1; date +%s.%N > /out/to`);
    const built = await bench.build([meet("one"), meet("two")], ["one", "two"], { jobs: 4 });
    const time = async (id: string, name: string) =>
      Number(await readFile(join(built.get(id)?.path ?? "", name), "utf8"));
    expect(await time("one", "from")).toBeLessThan(await time("two", "to"));
    expect(await time("two", "from")).toBeLessThan(await time("one", "to"));
  });

  it("remembers which bytes a source had, and whose they were", async () => {
    await using bench = await openWorkbench();
    const path = join(bench.root, "some.tar");
    await writeFile(path, "bytes");
    const source = { path, sha256: sha256("bytes"), origin: "upstream" } as const;
    const unpack = step(
      "unpack",
      "cp /sources/some /out/",
      [],
      [{ kind: "source", source: "some", mount: "/sources/some" }],
    );
    const sources = { choose: () => source.sha256, has: () => true, ensure: async () => source };
    const { key } = (await bench.build([unpack], ["unpack"], { sources })).get("unpack") as BuiltStep;
    const remembered = JSON.parse(await readFile(join(bench.root, "results", `${key}.json`), "utf8"));
    expect(remembered.sources).toEqual([{ name: "some", sha256: source.sha256, origin: "upstream" }]);
  });
});
