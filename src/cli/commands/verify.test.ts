import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeKey, readSigningKey, signImage } from "../../attest/mod.ts";
import { openSubject } from "../../oci/mod.ts";
import { imageAndRegistry } from "../../oci/registry/test-image.ts";
import { parseInput } from "../parse-input.ts";
import { parseCommandLine } from "../program.ts";
import type { Input } from "../table.ts";
import { testContext } from "../test-context.ts";
import { command } from "./verify.ts";

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
