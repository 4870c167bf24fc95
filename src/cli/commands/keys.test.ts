import { mkdtempDisposable, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readPublicKey } from "../../attest/mod.ts";
import { longestCertificate, readModuleKey } from "../../image/mod.ts";
import { parseInput } from "../parse-input.ts";
import { parseCommandLine } from "../program.ts";
import type { Input } from "../table.ts";
import { testContext } from "../test-context.ts";
import { command } from "./keys.ts";

async function run(...words: string[]) {
  const request = parseCommandLine(["keys", ...words], "0");
  if (request.kind !== "command") throw new Error("not a command");
  const input = parseInput(request, {}) as Input<"keys">;
  const data = await command.run(input, testContext());
  return { data, text: command.render(data, input) };
}

const folderOfTest = () => mkdtempDisposable(join(tmpdir(), "hadron-keys-command-"));

describe("hadron keys new", () => {
  it("makes a key that signs artifacts at the file that is named, and show says the same of it", async () => {
    await using folder = await folderOfTest();
    const { data, text } = await run("new", join(folder.path, "a.key"), "--valid-until", "2130-01-31");
    const { fingerprint } = await readPublicKey(join(folder.path, "a.pub"));
    expect(data).toMatchObject({ key: join(folder.path, "a.key"), fingerprint, validUntil: "2130-01-31" });
    expect(text).toContain(fingerprint);
    const { key: _, ...known } = data as { key: string };
    expect((await run("show", join(folder.path, "a.pub"))).data).toEqual(known);
  });

  it("makes a key that signs a kernel's modules with --modules", { timeout: 60_000 }, async () => {
    await using folder = await folderOfTest();
    const path = join(folder.path, "modules.pem");
    const { data, text } = await run("new", "--modules", path);
    const { privateKey, certificate, subject } = await readModuleKey(path);
    expect(data).toMatchObject({ path, subject });
    expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
    expect(certificate.length).toBeLessThan(longestCertificate);
    expect(text).toContain("CN=Hadron kernel modules");
    expect(await readdir(folder.path)).toEqual(["modules.pem"]);
  });

  it.each([
    ["neither", ["new"], "USAGE_ARGUMENT", "--modules FILE"],
    ["both files", ["new", "a.key", "--modules", "b.pem"], "USAGE_OPTION", "name one file"],
    ["a name for artifacts' keys", ["new", "a.key", "--subject", "Example"], "USAGE_OPTION", "fingerprint"],
    ["an end for modules' keys", ["new", "--modules", "b.pem", "--valid-until", "2130-01-31"], "USAGE_OPTION", "leave"],
    ["a test key for modules", ["new", "--modules", "b.pem", "--test"], "USAGE_OPTION", "--subject"],
    ["no name for modules' keys", ["new", "--modules", "b.pem", "--subject", " "], "USAGE_VALUE", "who signs"],
    ["a day that is past", ["new", "a.key", "--valid-until", "2020-01-31"], "USAGE_VALUE", "Such as"],
    ["nothing to show", ["show"], "USAGE_ARGUMENT", "public key"],
    ["modules' keys to show", ["show", "--modules", "b.pem"], "USAGE_OPTION", "new"],
  ])("refuses %s", async (_what, words, code, hint) => {
    await expect(run(...words)).rejects.toMatchObject({ kind: "usage", code, hint: expect.stringContaining(hint) });
  });
});
