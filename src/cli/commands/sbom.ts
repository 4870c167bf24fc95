import { resolve } from "node:path";
import { jsonText } from "../../base/mod.ts";
import { renderFacts } from "../../report/mod.ts";
import type { SbomFormat } from "../attached-kinds.ts";
import { defineCommand } from "../command.ts";
import { type FoundSbom, findSbom } from "../find-sbom.ts";
import { registryOptions } from "../registry-options.ts";
import { writeText } from "../write-text.ts";

interface Data extends FoundSbom {
  format: SbomFormat;
  /** The file that was written. */
  output?: string;
}

export const command = defineCommand("sbom", {
  run: async (input, context): Promise<Data> => {
    const { format, output } = input;
    const found = await findSbom(input.artifact, format, await registryOptions(input, context));
    if (output === undefined) return { format, ...found };
    const path = resolve(output);
    await writeText(path, textOf(found), "SBOM_OUTPUT");
    return { format, ...found, output: path };
  },
  render: (data) => (data.output === undefined ? textOf(data) : renderFacts({ output: data.output })),
});

function textOf({ document }: FoundSbom): string {
  return jsonText(document, 1);
}
