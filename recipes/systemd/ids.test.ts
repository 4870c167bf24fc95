import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { groupIds, userIds } from "./ids.ts";
import { mesonOptions } from "./options.ts";

const configuration = readFileSync(join(import.meta.dirname, "../../os/usr/lib/sysusers.d/00-hadron.conf"), "utf8");
const lines = configuration.split("\n").map((line) => line.split(/\s+/));

test("what is built into systemd and what the OS says about users are the same", () => {
  for (const [name, id] of Object.entries(groupIds)) expect(lines).toContainEqual(["g", name, String(id), "-"]);
  for (const [name, id] of Object.entries(userIds)) {
    expect(lines).toContainEqual(["g", name, String(id), "-"]);
    expect(lines.find((words) => words[0] === "u!" && words[1] === name)?.[2]).toBe(`${id}:${id}`);
  }
});

test("no number is given twice", () => {
  const ids = lines.filter(([type]) => type === "g").map(([, , id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("numbers and version reach Meson", () => {
  expect(mesonOptions("262")).toMatchObject({
    "tty-gid": 5,
    "systemd-network-uid": 192,
    "version-tag": "262",
    libc: "musl",
  });
});
