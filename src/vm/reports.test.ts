import { expect, test } from "vitest";
import { collectReports, parseReportLine } from "./reports.ts";

const late = () => new Error("late");

test("reports are taken by name, oldest first, once each, whether they came before or after", async () => {
  const reports = collectReports();
  reports.add({ name: "ready", value: 1 });
  reports.add({ name: "state", value: "up" });
  reports.add({ name: "ready", value: 2 });
  const limit = { seconds: 5, late };
  expect(await reports.take("ready", limit)).toBe(1);
  expect(await reports.take("ready", limit)).toBe(2);
  const third = reports.take("ready", limit);
  reports.add({ name: "ready", value: 3 });
  expect(await third).toBe(3);
});

test("waiting ends at the limit, and when nothing can come any more", async () => {
  const reports = collectReports();
  await expect(reports.take("never", { seconds: 0.02, late })).rejects.toThrow("late");
  const waiting = reports.take("never", { seconds: 5, late });
  reports.end(() => new Error("over"));
  await expect(waiting).rejects.toThrow("over");
});

test("the stream gives all from the first on, and ends with the VM", async () => {
  const reports = collectReports();
  reports.add({ name: "a", value: 1 });
  const seen = Array.fromAsync(reports.stream());
  reports.add({ name: "b", value: 2 });
  reports.end(() => new Error("over"));
  expect((await seen).map(({ name }) => name)).toEqual(["a", "b"]);
});

test.each(["", '{"report":"rea', "3", "null", "[    1.0] kernel text"])("%j is no report", (line) => {
  expect(parseReportLine(line)).toBeUndefined();
});
