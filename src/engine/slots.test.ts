import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSlots, type Slot, stepsAtOnce } from "./slots.ts";

describe("slots", () => {
  it("run so many at once, and of those that wait the one with the highest rank first", async () => {
    const slots = createSlots(4, 4);
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

  it("with one job there is one step, with one process", async () => {
    const slots = createSlots(1, 8);
    const first = await slots.take(0);
    expect(first.jobs).toBe(1);
    let isSecond = false;
    const second = slots.take(0).then((slot) => {
      isSecond = true;
      return slot;
    });
    await new Promise((done) => setTimeout(done, 10));
    expect(isSecond).toBe(false);
    await first[Symbol.asyncDispose]();
    expect((await second).jobs).toBe(1);
  });

  it("a step alone gets a process for each core, and those that start together share evenly", async () => {
    const alone = createSlots(4, 2);
    expect((await alone.take(0)).jobs).toBe(2);
    expect((await alone.take(0)).jobs).toBe(2);
    const together = createSlots(16, 8);
    const four = await Promise.all([1, 2, 3, 4].map((rank) => together.take(rank)));
    expect(four.map(({ jobs }) => jobs)).toEqual([3, 3, 3, 3]);
  });

  it("never give out more processes than there are, and at least one to each step", async () => {
    const plan = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        plan,
        async (jobs, cores, takes) => {
          const slots = createSlots(jobs, cores);
          const held: Slot[] = [];
          for (const isTake of takes) {
            if (isTake && held.length < stepsAtOnce(jobs)) held.push(await slots.take(0));
            else await held.shift()?.[Symbol.asyncDispose]();
            expect(held.reduce((sum, slot) => sum + slot.jobs, 0)).toBeLessThanOrEqual(jobs);
            expect(held.every((slot) => slot.jobs >= 1 && slot.jobs <= cores)).toBe(true);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
