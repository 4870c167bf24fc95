import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exitStatus, HadronError, messageOf } from "../../base/mod.ts";
import {
  assertOutputPlace,
  compareDigests,
  type DigestDifference,
  type DigestList,
  parseDigests,
  renderDigests,
} from "../../image/mod.ts";
import { renderTable } from "../../report/mod.ts";
import { defineCommand } from "../command.ts";
import { listDigests } from "../list-digests.ts";
import { writeText } from "../write-text.ts";

interface Data {
  list: DigestList;
  /** Where the list was written to. */
  output: string | undefined;
  /** In what it differs from the one that was named; steps in the order in which they are built. */
  compared: { with: string; differences: DigestDifference[] } | undefined;
}

export const command = defineCommand("digests", {
  run: async (input, context) => {
    // Before what may take hours.
    if (input.output !== undefined) await assertOutputPlace(input.output);
    const expected = input.compare === undefined ? undefined : await readList(input.compare);
    const names = input.image.length === 0 ? [...(expected?.images.keys() ?? [])] : input.image;
    const { list, order } = await listDigests(names, input, context);
    const output = input.output === undefined ? undefined : resolve(input.output);
    if (output !== undefined) await writeText(output, renderDigests(list), "DIGESTS_OUTPUT");
    const compared =
      expected === undefined || input.compare === undefined
        ? undefined
        : { with: resolve(input.compare), differences: inOrder(compareDigests(expected, list), order) };
    return asJson({ list, output, compared });
  },
  render: (data) => {
    if (data.compared) return renderCompared(data.compared, data);
    return data.output === undefined ? renderDigests(asList(data)) : `Written to ${data.output}\n`;
  },
  status: ({ compared }) => (compared && compared.differences.length > 0 ? exitStatus.step : 0),
});

async function readList(path: string): Promise<DigestList> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new HadronError(`Could not read the list of digests "${path}": ${messageOf(cause)}`, {
      kind: "usage",
      code: "DIGESTS_NOT_FOUND",
      at: path,
      hint: "Name the file that was published with the release",
      cause,
    });
  });
  return parseDigests(text, path);
}

/** What comes after a step that differs may differ for that alone: so the first one comes first. */
function inOrder(differences: readonly DigestDifference[], order: readonly string[]): DigestDifference[] {
  const steps = differences.filter(({ what }) => what === "step");
  const rank = ({ name }: DigestDifference) => order.indexOf(name);
  return [...differences.filter(({ what }) => what !== "step"), ...steps.sort((a, b) => rank(a) - rank(b))];
}

/** As `--json` prints it. */
function asJson({ list, output, compared }: Data) {
  const { arch, images, artifacts, steps } = list;
  return {
    arch,
    images: Object.fromEntries(images),
    artifacts: Object.fromEntries(artifacts),
    steps: Object.fromEntries(steps),
    output,
    compared,
  };
}

type Json = ReturnType<typeof asJson>;

function asList({ arch, images, artifacts, steps }: Json): DigestList {
  const map = (field: Record<string, string>) => new Map(Object.entries(field));
  return { arch, images: map(images), artifacts: map(artifacts), steps: map(steps) };
}

function renderCompared({ differences }: NonNullable<Data["compared"]>, { artifacts, steps }: Json): string {
  const [artifactCount, stepCount] = [artifacts, steps].map((field) => Object.keys(field).length);
  if (differences.length === 0) return `All ${artifactCount} artifacts and ${stepCount} steps are what the list says\n`;
  const short = (digest: string | undefined): string => (digest === undefined ? "nothing" : digest.slice(0, 12));
  const rows = differences.map(({ what, name, expected, found }) => [what, name, short(expected), short(found)]);
  const first = differences.find(({ what }) => what === "step");
  const next = first === undefined ? "" : `; the first step that differs is "${first.name}"`;
  return `${renderTable(["WHAT", "NAME", "LISTED", "HERE"], rows)}\n${differences.length} differences${next}\n`;
}
