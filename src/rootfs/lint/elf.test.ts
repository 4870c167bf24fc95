import { expect, test } from "vitest";
import { parseElf } from "./elf.ts";
import { elfFile } from "./elf-fixture.ts";

test("reads the compilers, the loader and the libraries", () => {
  const content = {
    comments: ["GCC: (Hadron) 16.2.0"],
    interpreter: "/lib/ld-musl-x86_64.so.1",
    needed: ["liba.so.1", "libc.so"],
  };
  expect(parseElf(elfFile(content))).toMatchObject(content);
});

test("reads what a program was hardened with, and which libraries it opens", () => {
  const good = parseElf(elfFile({ dlopened: ["libx.so.1", "libx.so.0"], runpath: "/usr/lib/x:/opt", codeSize: 8 }));
  expect(good).toMatchObject({
    ...{ isPositionIndependent: true, hasFullRelro: true, hasExecutableStack: false, hasTextRelocations: false },
    ...{
      dlopened: [["libx.so.1", "libx.so.0"]],
      runpaths: ["/usr/lib/x", "/opt"],
      strippable: [],
      hasLandingPads: true,
    },
  });
  const bad = { isPositionIndependent: false, hasFullRelro: false, hasExecutableStack: true, hasTextRelocations: true };
  expect(parseElf(elfFile({ ...bad, isUnstripped: true }))).toMatchObject({ ...bad, strippable: [".symtab"] });
});

test("takes text, other formats and cut files for no ELF", () => {
  const whole = elfFile({ comments: ["GCC: (Hadron) 16.2.0"] });
  expect(parseElf(Buffer.from("#!/bin/sh\n".repeat(20)))).toBeUndefined();
  expect(parseElf(whole.subarray(0, 100))).toBeUndefined();
  expect(parseElf(Buffer.alloc(0))).toBeUndefined();
});
