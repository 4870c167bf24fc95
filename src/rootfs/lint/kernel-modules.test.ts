import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ElfContent, elfFile } from "./elf-fixture.ts";
import { kernelModules } from "./kernel-modules.ts";
import { openTree } from "./tree.ts";

const folder = "usr/lib/modules/6.12.1";
const driver = `${folder}/kernel/drivers/net/e1000e.ko.zst`;
const signature = Buffer.from("…~Module signature appended~\n");
let root: string;

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const module = (content: ElfContent = {}) => elfFile({ comments: ["GCC: (Hadron) 16.2.0"], ...content });
const packed = (...parts: Buffer[]) => zstdCompressSync(Buffer.concat(parts));

function found(): string[] {
  const findings = kernelModules.check(openTree(root), { loader: "", toolboxFiles: new Set() });
  return findings.map(({ path, what }) => `${path}: ${what}`);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hadron-modules-"));
  put(driver, packed(module(), signature));
  for (const name of ["modules.alias.bin", "modules.dep.bin", "modules.order"]) put(`${folder}/${name}`, "index");
});
afterEach(() => rmSync(root, { recursive: true }));

describe("kernel modules", () => {
  it("that are packed, signed and stripped, with their indexes, are good, and so is a system without any", () => {
    expect(found()).toEqual([]);
    rmSync(join(root, folder), { recursive: true });
    expect(found()).toEqual([]);
  });

  it.each<[string, Buffer, string]>([
    ["no signature", packed(module()), "Has no signature"],
    ["debugging sections", packed(module({ hasDebugInformation: true }), signature), "Carries what is for debuggers"],
    [
      "another compiler's code",
      packed(module({ comments: ["GCC: 14"] }), signature),
      "Was compiled by another compiler",
    ],
    ["no code", packed(signature), "Holds no program code"],
    ["bytes that are not packed", module(), "Can't be unpacked"],
  ])("with %s are found", (_, content, what) => {
    put(driver, content);
    expect(found()).toEqual([`${driver}: ${what}`]);
  });

  it("that are not packed, and indexes that are not there, are found", () => {
    put(`${folder}/kernel/x.ko`, Buffer.concat([module(), signature]));
    rmSync(join(root, folder, "modules.dep.bin"));
    expect(found()).toEqual([`${folder}/modules.dep.bin: Is not there`, `${folder}/kernel/x.ko: Is no packed module`]);
  });
});
