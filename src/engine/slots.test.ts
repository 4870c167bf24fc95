import { describe, expect, it } from "vitest";
import { createSlots } from "./slots.ts";

describe("slots", () => {
  it("run so many at once, and of those that wait the one with the highest rank first", async () => {
    const slots = createSlots(2, 4);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    await Promise.all(
      [1, 5, 3, 9, 7].map(async (rank) => {
        await using _slot = await slots.take(rank);
        order.push(rank);
        running += 1;
        most = Math.max(most, running);
        await new Promise((done) => setTimeout(done, 5));
        running -= 1;
      }),
    );
    expect(most).toBe(2);
    expect(order.slice(2)).toEqual([9, 7, 3]);
  });

  it("share the cores: a step alone gets them all, one of many at least two", async () => {
    const slots = createSlots(8, 8);
    await using first = await slots.take(1);
    expect(first.jobs()).toBe(8);
    const others = await Promise.all([slots.take(1), slots.take(1), slots.take(1)]);
    expect(first.jobs()).toBe(2);
    for (const other of others) await other[Symbol.asyncDispose]();
    expect(first.jobs()).toBe(8);
    expect((await createSlots(1, 1).take(0)).jobs()).toBe(1);
  });
});
