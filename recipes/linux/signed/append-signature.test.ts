import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "append-signature-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function append(module: Uint8Array, signature: Uint8Array) {
  const paths = Object.entries({ module, signature }).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
  return spawnSync("bash", [join(import.meta.dirname, "append-signature.sh"), ...paths]);
}

/** include/linux/module_signature.h, module_signature.c: what the kernel reads from the end. */
function readSigned(signed: Buffer): { module: Buffer; signature: Buffer; header: string } {
  const mark = signed.subarray(-28).toString("latin1");
  expect(mark).toBe("~Module signature appended~\n");
  const header = signed.subarray(-40, -28);
  const length = header.readUInt32BE(8);
  const end = signed.length - 40;
  return {
    module: signed.subarray(0, end - length),
    signature: signed.subarray(end - length, end),
    header: header.toString("hex"),
  };
}

test.each([400, 0x1234, 0x10001])("a signature of %i bytes comes behind the module, as the kernel reads it", (size) => {
  const module = Buffer.from("\0\n\x7fELF\0 \0\n\n", "latin1");
  const signature = Buffer.alloc(size, "\0\n\\%s");
  const { status, stdout } = append(module, signature);
  expect(status).toBe(0);
  const read = readSigned(stdout);
  expect(read.module.equals(module)).toBe(true);
  expect(read.signature.equals(signature)).toBe(true);
  expect(read.header).toBe(`0000020000000000${size.toString(16).padStart(8, "0")}`);
});

test("a module that has a signature already is refused", () => {
  const { stdout } = append(Buffer.from("module"), Buffer.from("signature"));
  const again = append(stdout, Buffer.from("signature"));
  expect(again.status).toBe(1);
  expect(again.stdout.length).toBe(0);
  expect(again.stderr.toString()).toContain("has a signature already");
});
