import { plainLine } from "../../base/mod.ts";
import { type Inspected, inspect } from "../../oci/mod.ts";
import { formatBytes, renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { registryOptions } from "../registry-options.ts";

export const command = defineCommand("inspect", {
  run: async (input, context): Promise<Inspected> => inspect(input.subject, await registryOptions(input, context)),
  render: (found) => {
    const facts = [
      ["reference", found.reference],
      ["digest", found.digest],
      ["type", found.artifactType ?? found.mediaType],
      ["platform", found.platform ?? ""],
      ["attached to", found.subject ?? ""],
      ...Object.entries(found.annotations).sort(([a], [b]) => (a < b ? -1 : 1)),
    ].filter(([, value]) => value !== "");
    const parts = [
      ...found.manifests.map((one) => ["manifest", one]),
      ...found.layers.map((one) => ["layer", one]),
      ...found.referrers.map((one) => ["attached", one]),
    ] as const;
    const rows = parts.map(([what, one]) => {
      const { artifactType, digest, mediaType, platform, size } = one as Inspected["layers"][number];
      const kind = platform ? `${platform.os}/${platform.architecture}` : (artifactType ?? mediaType);
      return [String(what), digest, formatBytes(size), kind];
    });
    const head = facts.map(([name, value]) => `${plainLine(`${name}: ${value}`)}\n`).join("");
    return rows.length === 0 ? head : `${head}\n${renderTable(["PART", "DIGEST", "SIZE", "KIND"], rows)}`;
  },
});
