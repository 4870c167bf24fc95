import { resolve } from "node:path";
import { exitStatus } from "../../base/mod.ts";
import {
  assertOutputPlace,
  compareDigests,
  type DigestDifference,
  type DigestList,
  renderDigests,
} from "../../image/mod.ts";
import { renderTable } from "../../report/mod.ts";
import { type Context, defineCommand } from "../command.ts";
import { listDigests } from "../list-digests.ts";
import { type NamedDigests, openDigestsKey, readDigests, writeDigests } from "../signed-digests.ts";
import type { Input } from "../table.ts";
import { readTrustedKeys } from "../trusted-keys.ts";

interface Compared {
  with: string;
  /** Fingerprint of the key that signed it; undefined where no key was named, so that nothing was checked. */
  signedBy: string | undefined;
  /** In what the list differs from what came out here; steps in the order in which they are built. */
  differences: DigestDifference[];
}

interface Data {
  list: DigestList;
  /** Where the list was written to. */
  output: string | undefined;
  /** And its signature. */
  signature: string | undefined;
  compared: Compared | undefined;
}

export const command = defineCommand("digests", {
  run: async (input, context) => {
    // All that can be judged comes before what may take hours.
    const output = input.output === undefined ? undefined : resolve(input.output);
    if (output !== undefined) await assertOutputPlace(output);
    const key =
      input.sign === undefined ? undefined : await openDigestsKey({ ...input, key: input.sign }, output, context);
    const expected = input.compare === undefined ? undefined : await readExpected(input.compare, input, context);
    const names = input.image.length === 0 ? [...(expected?.list.images.keys() ?? [])] : input.image;
    const { list, order } = await listDigests(names, input, context);
    const signature = output === undefined ? undefined : await writeDigests(output, list, key);
    const compared = expected && {
      with: expected.path,
      signedBy: expected.signedBy?.fingerprint,
      differences: inOrder(compareDigests(expected.list, list), order),
    };
    return asJson({ list, output, signature, compared });
  },
  render: (data) => {
    if (data.compared) return renderCompared(data.compared, data);
    if (data.output === undefined) return renderDigests(asList(data));
    return `Written to ${data.output}${data.signature === undefined ? "" : `, signed in ${data.signature}`}\n`;
  },
  status: ({ compared }) => (compared && compared.differences.length > 0 ? exitStatus.step : 0),
});

async function readExpected(
  path: string,
  input: Pick<Input<"digests">, "key" | "allowTestKey" | "cacheFrom" | "offline">,
  { emit }: Pick<Context, "emit">,
): Promise<NamedDigests & { path: string }> {
  if (input.cacheFrom.length > 0 && !input.offline)
    emit({
      type: "note",
      message: "What a cache has is taken from there, which proves nothing of how it is made: a rebuild asks none",
    });
  if (input.key.length === 0)
    emit({
      type: "note",
      message: `Who made "${path}" is not checked: --key FILE.pub takes only a list that is signed`,
    });
  return { path: resolve(path), ...(await readDigests(path, await readTrustedKeys(input.key, input))) };
}

/** What comes after a step that differs may differ for that alone: so the first one comes first. */
function inOrder(differences: readonly DigestDifference[], order: readonly string[]): DigestDifference[] {
  const steps = differences.filter(({ what }) => what === "step");
  const rank = ({ name }: DigestDifference) => order.indexOf(name);
  return [...differences.filter(({ what }) => what !== "step"), ...steps.sort((a, b) => rank(a) - rank(b))];
}

/** As `--json` prints it. */
function asJson({ list, output, signature, compared }: Data) {
  const { arch, images, artifacts, steps } = list;
  return {
    arch,
    images: Object.fromEntries(images),
    artifacts: Object.fromEntries(artifacts),
    steps: Object.fromEntries(steps),
    output,
    signature,
    compared,
  };
}

type Json = ReturnType<typeof asJson>;

function asList({ arch, images, artifacts, steps }: Json): DigestList {
  const map = (field: Record<string, string>) => new Map(Object.entries(field));
  return { arch, images: map(images), artifacts: map(artifacts), steps: map(steps) };
}

function renderCompared({ differences, signedBy }: Compared, { artifacts, steps }: Json): string {
  const [artifactCount, stepCount] = [artifacts, steps].map((field) => Object.keys(field).length);
  const signer = signedBy === undefined ? "" : `The list is signed by ${signedBy}\n`;
  if (differences.length === 0)
    return `${signer}All ${artifactCount} artifacts and ${stepCount} steps are what the list says\n`;
  const short = (digest: string | undefined): string => (digest === undefined ? "nothing" : digest.slice(0, 12));
  const rows = differences.map(({ what, name, expected, found }) => [what, name, short(expected), short(found)]);
  const first = differences.find(({ what }) => what === "step");
  const next = first === undefined ? "" : `; the first step that differs is "${first.name}"`;
  return `${signer}${renderTable(["WHAT", "NAME", "LISTED", "HERE"], rows)}\n${differences.length} differences${next}\n`;
}
