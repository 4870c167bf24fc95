import { describe, expect, it } from "vitest";
import { acceptedLines, unexpectedLines } from "../soak/journal.ts";

describe("the soak test", () => {
  it("reports every line that no pattern accepts, text or not", () => {
    const journal = [
      { MESSAGE: "it broke", SYSLOG_IDENTIFIER: "some" },
      { MESSAGE: [111, 100, 100, 7], SYSLOG_IDENTIFIER: "other" },
    ];
    expect(unexpectedLines(`${journal.map((line) => JSON.stringify(line)).join("\n")}\n`)).toEqual([
      "some: it broke",
      "other: odd\u0007",
    ]);
  });

  it("accepts five patterns at most, each with a reason", () => {
    expect(acceptedLines.length).toBeLessThanOrEqual(5);
    for (const { reason } of acceptedLines) expect(reason).toMatch(/\S/);
  });
});
