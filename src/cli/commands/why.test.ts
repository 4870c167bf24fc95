import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot, silent } from "../../base/mod.ts";
import { command } from "./why.ts";

const rest = { arch: "x86_64", json: false, events: "auto" } as const;
const nothing = { emit: silent, signal: new AbortController().signal, environment: {}, takeTerminal: () => {} };

it("says how many steps would tell, and what builds them, where nothing is built", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "hadron-why-"));
  const context = { ...nothing, root: projectRoot, cacheRoot: join(folder.path, "cache") };
  await expect(command.run({ subject: "/usr/bin/mount", ...rest }, context)).rejects.toMatchObject({
    kind: "store",
    code: "NOT_BUILT",
    message: expect.stringMatching(/holds "\/usr\/bin\/mount", and \d\d steps are not built yet$/),
    hint: expect.stringMatching(/^hadron build makes .*; hadron build cloud:root container:root makes /),
  });
});

it("says that there are more chains than it shows", async () => {
  const context = { ...nothing, root: projectRoot, cacheRoot: "/nonexistent" };
  const input = { subject: "openssl", ...rest };
  const data = await command.run(input, context);
  expect(data.chains).toHaveLength(20);
  expect(data.moreChains).toBeGreaterThan(0);
  expect(command.render(data, input)).toContain(`… and ${data.moreChains} more\n`);
});
