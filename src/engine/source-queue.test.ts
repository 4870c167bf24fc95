import { describe, expect, it } from "vitest";
import type { SourceProvider } from "./build-options.ts";
import { queueSources } from "./source-queue.ts";

/** Sources that are fetched when told to; `here` is there already. */
function provider() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const sources: SourceProvider = {
    choose: () => "",
    has: (name) => name === "here",
    ensure: (name) => {
      begun.push(name);
      const fetched = { path: name, sha256: "", origin: "upstream" as const };
      if (name === "here") return Promise.resolve(fetched);
      return new Promise((done) => ends.set(name, () => done(fetched)));
    },
  };
  return { sources, begun, end: (name: string) => ends.get(name)?.() };
}

describe("queueSources", () => {
  it("fetches a few at a time, each once, and keeps none waiting that is there already", async () => {
    const { sources, begun, end } = provider();
    const queue = queueSources(sources, new AbortController().signal, 2);
    const fetches = ["a", "b", "c", "a"].map((name) => queue.ensure(name));
    await queue.ensure("here");
    expect(begun).toEqual(["a", "b", "here"]);
    end("b");
    await fetches[1];
    await new Promise((done) => setImmediate(done));
    expect(begun).toEqual(["a", "b", "here", "c"]);
    end("a");
    end("c");
    expect((await Promise.all(fetches)).map(({ path }) => path)).toEqual(["a", "b", "c", "a"]);
  });

  it("begins nothing once the build is over", async () => {
    const { sources, begun, end } = provider();
    const over = new AbortController();
    const queue = queueSources(sources, over.signal, 1);
    const first = queue.ensure("a");
    const second = queue.ensure("b");
    over.abort(new Error("Over"));
    end("a");
    await first;
    await expect(second).rejects.toThrow("Over");
    expect(begun).toEqual(["a"]);
  });
});
