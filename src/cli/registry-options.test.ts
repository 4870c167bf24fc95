import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { silent } from "../base/mod.ts";
import { registryOptions } from "./registry-options.ts";

it("certificates that can't be taken are refused by their file, with what to do", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-ca-"));
  const context = { environment: {}, emit: silent, signal: new AbortController().signal };
  const take = (ca: string) => registryOptions({ plainHttp: [], ca }, context);
  const missing = join(folder.path, "missing");
  const der = join(folder.path, "der");
  const pem = join(folder.path, "pem");
  await writeFile(der, Buffer.from([0x30, 0x82]));
  await writeFile(pem, "-----BEGIN CERTIFICATE-----\n");
  await expect(take(missing)).rejects.toMatchObject({
    code: "CA_INVALID",
    at: missing,
    hint: expect.stringContaining("Name a file"),
  });
  await expect(take(der)).rejects.toMatchObject({
    code: "CA_INVALID",
    at: der,
    hint: expect.stringContaining(`-in ${der} -out ${der}.pem`),
  });
  expect(await take(pem)).toMatchObject({ ca: "-----BEGIN CERTIFICATE-----\n" });
});
