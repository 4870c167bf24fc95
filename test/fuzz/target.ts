import fc from "fast-check";
import { HadronError, messageOf } from "../../src/base/mod.ts";
import type { Box } from "./box.ts";

/** Something of ours that reads what comes from outside. */
export interface Target {
  name: string;
  /** Inputs that the unit suite tries, with a fixed seed; `make fuzz` tries as many as it can. */
  few: number;
  /**
   * What has to hold for every input.
   * @param longestRun Seconds that one may take. The unit suite sets no limit: a machine that builds meanwhile may stall for longer
   */
  property(box: Box, longestRun?: number): fc.IAsyncProperty<[unknown]>;
}

interface Fields<Input> {
  name: string;
  few: number;
  inputs: fc.Arbitrary<Input>;
}

/**
 * Describes what reads from memory. For every input, reading succeeds or throws a HadronError, and ends soon. What `read` finds wrong
 * beyond that it throws as a plain `Error`.
 */
export function target<Input>(fields: Fields<Input> & { read: (input: Input) => unknown }): Target {
  return describe(fields, (input) => fields.read(input));
}

/**
 * The same for what reads or writes files. Nothing may be written outside of the folder that it is given.
 * @param fields.read `folder` is new and empty; `outside` is another one, which nobody may touch
 */
export function fileTarget<Input>(
  fields: Fields<Input> & { read: (input: Input, places: { folder: string; outside: string }) => unknown },
): Target {
  return describe(fields, (input, box) =>
    box.inFolder(async (folder) => fields.read(input, { folder, outside: box.outside })),
  );
}

function describe<Input>({ name, few, inputs }: Fields<Input>, read: (input: Input, box: Box) => unknown): Target {
  return {
    name,
    few,
    property: (box, longestRun = Number.POSITIVE_INFINITY) =>
      fc.asyncProperty(inputs as fc.Arbitrary<unknown>, async (input) => {
        const began = performance.now();
        try {
          await read(input as Input, box);
        } catch (error) {
          if (!(error instanceof HadronError)) throw error;
          if (error.code === "" || messageOf(error) === "") throw new Error("An error that says nothing");
        }
        const seconds = (performance.now() - began) / 1000;
        if (seconds > longestRun) throw new Error(`It took ${seconds.toFixed(1)} s`);
      }),
  };
}
