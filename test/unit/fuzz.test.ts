import fc from "fast-check";
import { describe, it } from "vitest";
import { openBox } from "../fuzz/box.ts";
import { targets } from "../fuzz/targets.ts";

describe("what comes from outside", () => {
  it.each(targets.map((one) => [one.name, one] as const))(
    "%s: read, or refused with a message",
    async (_, { property, few }) => {
      await using box = await openBox();
      await fc.assert(property(box), { numRuns: few });
    },
  );
});
