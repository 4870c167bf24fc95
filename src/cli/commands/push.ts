import { type Moved, parseReference, pushLayout } from "../../oci/mod.ts";
import { formatBytes } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { registryOptions } from "../registry-options.ts";

export const command = defineCommand("push", {
  run: async (input, context): Promise<Moved> => {
    const reference = parseReference(input.reference);
    const options = await registryOptions(input, context);
    return pushLayout(input.layout, reference, { ...options, withReferrers: input.referrers === "yes" });
  },
  render: ({ reference, bytes, referrers }) =>
    `${reference}\n${formatBytes(bytes)} sent${referrers.length === 0 ? "" : `, ${referrers.length} attached`}\n`,
});
