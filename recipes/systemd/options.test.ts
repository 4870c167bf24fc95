import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failsAtRunTime, missingSymbols, refused, takenBack } from "./broken-on-musl.ts";
import { mesonOptions } from "./options.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/systemd.md"), "utf8");

describe("what is broken on musl", () => {
  it("is asked for where Meson only warns, so that the build sees the warning", () => {
    for (const name of Object.keys(takenBack)) expect(mesonOptions("262")).toHaveProperty(name, true);
    for (const name of Object.keys(refused)) expect(mesonOptions("262")).not.toHaveProperty(name);
  });

  it("stands in the documentation, with what is said about it", () => {
    for (const [name, message] of Object.entries({ ...takenBack, ...refused })) {
      expect(page).toContain(`\`${name}\``);
      expect(page).toContain(message);
    }
    for (const name of [...Object.keys(missingSymbols), ...Object.keys(failsAtRunTime)])
      expect(page).toContain(`\`${name}\``);
  });
});
