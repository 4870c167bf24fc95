import { expect, it } from "vitest";
import type { StoreEntry } from "../../engine/mod.ts";
import { renderEntries } from "./store.ts";

const entry = (step: string, output: string, hasTree = true): StoreEntry => ({
  ...{ key: "0".repeat(64), step, output: output.repeat(64), size: 2 ** 20, seconds: 90, sources: [] },
  ...{ lastUsed: Date.UTC(2026, 0, 2), hasTree },
});

it("lists outputs by the start of their digests, says which are gone, and what the others take, each once", () => {
  const text = renderEntries([
    entry("xz", "a"),
    entry("xz:test", "b", false),
    entry("zlib", "c"),
    entry("zlib-again", "c"),
  ]);
  expect(text).toBe(`STEP        SIZE     TOOK        LAST USED   OUTPUT
xz          1.05 MB  1 min 30 s  2026-01-02  aaaaaaaaaaaa
xz:test     1.05 MB  1 min 30 s  2026-01-02  bbbbbbbbbbbb (gone)
zlib        1.05 MB  1 min 30 s  2026-01-02  cccccccccccc
zlib-again  1.05 MB  1 min 30 s  2026-01-02  cccccccccccc

2 outputs, 2.10 MB; of 1 more only the digest is known
`);
});
