import { expect, it } from "vitest";
import { renderChecks } from "./doctor.ts";

it("says of what is not right what needs it and what mends it", () => {
  const text = renderChecks([
    { check: "npm", why: "Installs what Hadron needs", state: "ok", found: "/usr/bin/npm" },
    { check: "xz", why: "Unpacks the toolbox", state: "missing", found: "Not on PATH", mend: "Install xz-utils" },
  ]);
  expect(text).toBe(`ok       npm  /usr/bin/npm
missing  xz   Not on PATH
              what for: Unpacks the toolbox
              mend: Install xz-utils
`);
});
