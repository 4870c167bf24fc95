import fc from "fast-check";
import { parseBootTimes } from "../../src/vm/boot-times.ts";
import { openGuestShell } from "../../src/vm/guest-shell.ts";
import { splitLines } from "../../src/vm/lines.ts";
import { parseReportLine } from "../../src/vm/reports.ts";
import { spoiled, spoiledJson, spoiledText } from "./spoil.ts";
import { type Target, target } from "./target.ts";

const times = `FirmwareTimestampMonotonic=0
LoaderTimestampMonotonic=1200000
InitRDTimestampMonotonic=3400000
UserspaceTimestampMonotonic=9000000
FinishTimestampMonotonic=24000000
`;

const answer = { result: 1, status: 0, stdout: btoa("out"), stderr: btoa("") };

/** What a virtual machine says. */
export const guest: readonly Target[] = [
  target({
    name: "lines of a guest's report channel",
    few: 30,
    inputs: fc.tuple(spoiled([Buffer.from('{"report":"ready","value":"1"}\r\n{"result":1}\n')]), fc.nat(20)),
    read: ([bytes, cut]) => {
      const lines: string[] = [];
      const add = splitLines((line) => lines.push(line), 1000);
      add(bytes.subarray(0, cut));
      add(bytes.subarray(cut));
      for (const line of lines) parseReportLine(line);
      if (lines.some((line) => line.includes("\n"))) throw new Error("A line of two");
    },
  }),
  target({
    name: "a guest's answer to a command",
    few: 20,
    inputs: spoiledJson([answer]),
    read: async (text) => {
      const message = parseReportLine(text);
      if (message === undefined) return;
      const sent = Promise.withResolvers<void>();
      const shell = openGuestShell(
        () => sent.resolve(),
        () => ({ console: "" }),
      );
      shell.ready("1");
      const running = shell.run("true", { seconds: 60, readySeconds: 60 });
      await sent.promise;
      shell.answer(message);
      shell.answer({ ...answer, status: 7 });
      const { stdout, stderr } = await running;
      if (typeof stdout !== "string" || typeof stderr !== "string") throw new Error("An answer that is no text");
    },
  }),
  target({
    name: "a guest's boot times",
    few: 30,
    inputs: spoiledText([times]),
    read: (text) => parseBootTimes(text),
  }),
];
