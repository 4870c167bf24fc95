import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeKey, readSigningKey, signImage } from "../../src/attest/mod.ts";
import { command } from "../../src/cli/commands/verify.ts";
import { parseInput } from "../../src/cli/parse-input.ts";
import { parseCommandLine } from "../../src/cli/program.ts";
import type { Input } from "../../src/cli/table.ts";
import { testContext } from "../../src/cli/test-context.ts";
import { openSubject } from "../../src/oci/mod.ts";
import { imageAndRegistry } from "../../src/oci/registry/test-image.ts";

it("refuses a signed layout of which a layer or the configuration was changed", async () => {
  await using it = await imageAndRegistry({ bytes: 100 });
  const { path, publicPath } = await makeKey(join(it.folder, "release.key"), { test: false });
  using subject = await openSubject(it.layout.path, "push", it.common);
  await signImage(subject, await readSigningKey(path), { forms: ["bundle"], attestations: [] });
  const verify = async () => {
    const request = parseCommandLine(["verify", it.layout.path, "--key", publicPath], "0");
    if (request.kind !== "command") throw new Error("No command");
    return command.run(parseInput(request, {}) as Input<"verify">, testContext(it.folder));
  };
  expect(await verify()).toMatchObject({ signedBy: [{ key: publicPath }] });
  for (const { digest } of [it.layer, it.config]) {
    const good = await subject.read({ mediaType: "", digest, size: 0 });
    await writeFile(it.layout.blobPath(digest), Buffer.alloc(good.length));
    await expect(verify()).rejects.toMatchObject({ kind: "input", code: "BLOB_DIGEST" });
    await writeFile(it.layout.blobPath(digest), good);
  }
  expect(await verify()).toMatchObject({ worthless: [] });
});
