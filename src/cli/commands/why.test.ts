import { expect, it } from "vitest";
import { testContext } from "../test-context.ts";
import { command } from "./why.ts";

const rest = { arch: "x86_64", json: false, events: "auto" } as const;

it("says how many steps would tell, and what builds them, where nothing is built", async () => {
  await expect(command.run({ subject: "/usr/bin/mount", ...rest }, testContext())).rejects.toMatchObject({
    kind: "store",
    code: "NOT_BUILT",
    message: expect.stringMatching(/holds "\/usr\/bin\/mount", and \d+ steps are not built yet$/),
    hint: expect.stringMatching(/^hadron build makes .*; hadron build cloud:root container:root toolchain:root makes /),
  });
});

it("says that there are more chains than it shows", async () => {
  const input = { subject: "openssl", ...rest };
  const data = await command.run(input, testContext());
  expect(data.chains).toHaveLength(20);
  expect(data.moreChains).toBeGreaterThan(0);
  expect(command.render(data, input)).toContain(`… and ${data.moreChains} more\n`);
});

it("says what depends on a key", async () => {
  const input = { subject: "linux-edge-signed", ...rest };
  const data = await command.run(input, testContext());
  expect(data.needKey).toEqual(["linux-edge-signed"]);
  expect(command.render(data, input)).toContain(
    "linux-edge-signed depends on a key that signs modules: --module-key FILE\n",
  );
  expect((await command.run({ ...input, subject: "linux-edge" }, testContext())).needKey).toEqual([]);
});
