import { expect, it } from "vitest";
import { projectFiles } from "./tree.ts";

/** `grep -q` and `head` leave before they have read everything; under pipefail the writer's SIGPIPE then fails the script, sometimes. */
it("no recipe's script pipes into a program that may leave early", () => {
  const early = /\|\s*(\S*\/)?(grep\s+-[a-zA-Z]*q|head\b)/;
  const found = [...projectFiles("recipes/**/*.{sh,ts}", "src/{rootfs,image}/*.sh", "test/arm/*.ts")].flatMap(
    ([path, text]) => text.split("\n").flatMap((line, index) => (early.test(line) ? [`${path}:${index + 1}`] : [])),
  );
  expect(found).toEqual([]);
});
