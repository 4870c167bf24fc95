import { expect, it } from "vitest";
import { didYouMean, nearest } from "./nearest.ts";

const names = ["busybox", "linux", "linux-headers", "musl", "systemd", "util-linux", "zlib", "zstd"];

it.each([
  ["busibox", "busybox"],
  ["systmed", "systemd"],
  ["utillinux", "util-linux"],
  ["zlb", "zlib"],
  ["linux-header", "linux-headers"],
])("takes %s for %s", (word, meant) => {
  expect(nearest(word, names)).toBe(meant);
});

it("guesses nothing where nothing is near", () => {
  expect(nearest("postgresql", names)).toBeUndefined();
  expect(didYouMean("postgresql", names, "hadron list names them all")).toBe("hadron list names them all");
});
