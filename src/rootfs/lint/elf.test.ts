import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseElf } from "./elf.ts";
import { elfFile } from "./elf-fixture.ts";

test("reads the compilers, the loader and the libraries", () => {
  const content = {
    comments: ["GCC: (Hadron) 16.2.0"],
    interpreter: "/lib/ld-musl-x86_64.so.1",
    needed: ["liba.so.1", "libc.so"],
  };
  expect(parseElf(elfFile(content))).toEqual(content);
});

test("agrees with readelf about a real program", (context) => {
  let expected: string[];
  try {
    const listing = execFileSync("readelf", ["-dW", process.execPath], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, LC_ALL: "C" },
    });
    expected = [...listing.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map((match) => match[1] ?? "");
  } catch {
    return context.skip("no readelf here");
  }
  expect(parseElf(readFileSync(process.execPath))?.needed).toEqual(expected);
});

test("takes text, other formats and cut files for no ELF", () => {
  const whole = elfFile({ comments: ["GCC: (Hadron) 16.2.0"] });
  expect(parseElf(Buffer.from("#!/bin/sh\n".repeat(20)))).toBeUndefined();
  expect(parseElf(whole.subarray(0, 100))).toBeUndefined();
  expect(parseElf(Buffer.alloc(0))).toBeUndefined();
});
