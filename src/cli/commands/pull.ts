import { resolve } from "node:path";
import { type Moved, parseReference, pullToLayout } from "../../oci/mod.ts";
import { formatBytes } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { registryOptions } from "../registry-options.ts";

interface Pulled extends Moved {
  layout: string;
}

export const command = defineCommand("pull", {
  run: async (input, context): Promise<Pulled> => {
    const reference = parseReference(input.reference);
    const layout = resolve(input.layout);
    const options = { ...(await registryOptions(input, context)), withReferrers: input.referrers === "yes" };
    return { layout, ...(await pullToLayout(reference, layout, options)) };
  },
  render: ({ layout, reference, bytes, referrers }) => {
    const attached = referrers.length === 0 ? "" : `, ${referrers.length} attached`;
    return `${reference}\n${formatBytes(bytes)} brought to ${layout}${attached}\n`;
  },
});
