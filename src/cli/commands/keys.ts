import { resolve } from "node:path";
import { HadronError } from "../../base/mod.ts";
import { writeNewModuleKey } from "../../image/mod.ts";
import { renderFacts } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";

/** RFC 5280, appendix A.1: the upper bound of a common name. */
const longestName = 64;

export const command = defineCommand("keys", {
  run: async ({ modules, subject }) => {
    if (subject.trim() === "" || [...subject].length > longestName)
      throw new HadronError(`Option --subject has the value "${subject}", expected 1 to ${longestName} characters`, {
        kind: "usage",
        code: "USAGE_VALUE",
        hint: "Name who signs, such as the company: it is shown where a signature is",
      });
    return writeNewModuleKey(resolve(modules), subject);
  },
  render: ({ path, subject, fingerprint }) =>
    renderFacts({ key: path, subject, "sha-256": fingerprint, "valid until": "no end: kernels don't look at it" }),
});
