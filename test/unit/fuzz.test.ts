import { spawnSync } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { openBox, removeAbandonedBoxes } from "../fuzz/box.ts";
import { targets } from "../fuzz/targets.ts";

beforeAll(removeAbandonedBoxes);

it("the folder of a run that was killed is removed by the next, and no other", async () => {
  await using box = await openBox();
  const own = dirname(box.outside);
  const boxes = dirname(own);
  const { pid } = spawnSync("true");
  await mkdir(join(boxes, `${pid}.killed/folder`), { recursive: true });
  await removeAbandonedBoxes();
  const left = await readdir(boxes);
  expect(left).toContain(basename(own));
  expect(left).not.toContain(`${pid}.killed`);
});

describe("what comes from outside", () => {
  it.each(targets.map((one) => [one.name, one] as const))(
    "%s: read, or refused with a message",
    async (_, { property, few }) => {
      await using box = await openBox();
      await fc.assert(property(box), { numRuns: few });
    },
  );
});
