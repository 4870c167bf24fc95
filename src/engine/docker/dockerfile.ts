import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compareText, type Sha256, sha256 } from "../../base/mod.ts";
import { type Step, type StepInput, sourceDateEpoch } from "../../graph/mod.ts";
import { pinsText } from "../input-digest.ts";
import { keyOf } from "../known-output.ts";
import { prologue } from "../sandbox/step-run.ts";
import { contextPlaces, dockerfileMark, sourcesContext } from "./context-places.ts";
import { stageName } from "./stage-name.ts";

export interface LoweringOptions {
  /** Steps that are to be known in the end; by id. */
  wanted: readonly string[];
  /** Outputs that are taken as they are instead of being made again, by the step's id; see `outputs/` of {@link contextPlaces}. */
  known: ReadonlyMap<string, Sha256>;
  /** Digest of the bytes of a source that is used. */
  choose: (source: string) => Sha256;
  /** Digest of the toolbox set that steps run in. */
  toolbox: { digest: Sha256 };
}

/** The stage with one folder for each step that is run: what a build brings out. */
export const outputsStage = "hadron--outputs";

/** The file beside those folders which says what was run: a {@link loweredKey} and a folder's name for each, as `sha256sum` writes it. */
export const ranFile = "hadron--ran";

/** Who steps run as, as in the sandbox. */
const user = "1000:1000";

const end = "HADRON_END";

/**
 * Lowers steps to one Dockerfile, a stage for each: the same script in the same root with the same inputs at the same places,
 * without a network. For BuildKit's Dockerfile frontend 1.4 and later (here-documents, named contexts; Docker 23 and later).
 * @param steps In topological order, with all that they take
 */
export function lowerToDockerfile(steps: ReadonlyMap<string, Step>, options: LoweringOptions): string {
  const lowering: Lowering = { ...options, merged: new Map() };
  const needed = neededSteps(steps, options);
  return [
    head,
    ...[...needed.values()].flatMap((step) => lowerStep(step, lowering)),
    `# What comes out: of each step that was run, so that the keys of those after it can be computed.\nFROM scratch AS ${outputsStage}`,
    ...[...needed.keys()]
      .filter((id) => !options.known.has(id))
      .map((id) => `COPY --from=${stageName(id)} / /${stageName(id)}/`),
    hereDocument(ranText([...needed.values()], options), `/${ranFile}`),
    "",
  ].join("\n");
}

/**
 * The key of a step as far as it can be told before Docker runs it: outputs that are only made then are left out of it. Where it is the same
 * for all that were run, so are the keys that follow from what came out.
 * @param knownOutput The output of an input that is not made, by its step's id
 */
export function loweredKey(
  step: Step,
  { toolbox, choose }: Pick<LoweringOptions, "toolbox" | "choose">,
  knownOutput: (step: string) => Sha256 | undefined,
): Sha256 {
  return keyOf({ options: { toolbox }, sources: { choose } }, step, (id) => knownOutput(id) ?? "");
}

function ranText(needed: readonly Step[], options: LoweringOptions): string {
  const { known } = options;
  return needed
    .filter(({ id }) => !known.has(id))
    .map((step) => `${loweredKey(step, options, (id) => known.get(id))}  ${stageName(step.id)}\n`)
    .join("");
}

/** What a build by Docker runs or takes as it is: nothing that only leads to known outputs. In topological order. */
export function neededSteps(
  steps: ReadonlyMap<string, Step>,
  { wanted, known }: Pick<LoweringOptions, "wanted" | "known">,
): Map<string, Step> {
  const needed = new Set(wanted.filter((id) => !known.has(id)));
  for (const step of [...steps.values()].reverse()) {
    if (!needed.has(step.id) || known.has(step.id)) continue;
    for (const input of step.inputs) if (input.kind === "step") needed.add(input.step);
  }
  return new Map([...steps].filter(([id]) => needed.has(id)));
}

interface Lowering extends LoweringOptions {
  /** Stages that hold several inputs as one tree, by what is in them. */
  merged: Map<string, string>;
}

const head = `${dockerfileMark}: a stage for each step.
# It takes two contexts: the folder that this file was written to, and the sources, each by its digest:
#   docker buildx build FOLDER --build-context ${sourcesContext}=FOLDER/sources --build-arg BUILDKIT_SANDBOX_HOSTNAME=hadron \\
#     --target ${outputsStage} --output type=tar,dest=outputs.tar

FROM scratch AS hadron--engine
${hereDocument(readFileSync(join(import.meta.dirname, "run-step.sh"), "utf8"), "/run-step")}

# The root of every step.
FROM scratch AS hadron--toolbox
ADD ${contextPlaces.toolbox} /
RUN --network=none ["/bin/chown", "${user}", "/build", "/out", "/tmp", "/var/tmp"]
USER ${user}
WORKDIR /build
`;

function lowerStep(step: Step, lowering: Lowering): string[] {
  const stage = stageName(step.id);
  const known = lowering.known.get(step.id);
  if (known !== undefined)
    return [`# Known already.\nFROM scratch AS ${stage}\nADD --chown=${user} ${contextPlaces.output(known)} /\n`];
  const stages: string[] = [];
  const mounts = [...Map.groupBy(step.inputs, ({ mount }) => mount)].map(([mount, inputs]) => {
    const { from, source, more } = placeInputs(inputs, `${stage}--script`, lowering);
    stages.push(...more);
    return mountOption({ from, source, target: mount });
  });
  const script = `${stage}--script`;
  return [
    ...stages,
    `FROM scratch AS ${script}`,
    hereDocument(`${prologue}${step.script}`, "/step"),
    hereDocument(environmentText(step.env), "/environment"),
    hereDocument(checksums(step, lowering), "/sources"),
    ...pinsOf(step).map((input) => hereDocument(pinsText(input.sources, lowering.choose), pinsPath(input))),
    `# ${step.at}`,
    `FROM hadron--toolbox AS ${stage}--run`,
    `RUN --network=none \\`,
    ...[
      ...mounts,
      mountOption({ from: "hadron--engine", source: "/run-step", target: "/run/run-step" }),
      mountOption({ from: script, source: "/", target: "/run/hadron" }),
      mountOption({ from: script, source: "/step", target: "/run/step" }),
    ].map((option) => `  ${option} \\`),
    `  ["/bin/bash", "/run/run-step", "${sourceDateEpoch}"]`,
    `FROM scratch AS ${stage}`,
    `COPY --from=${stage}--run --chown=${user} /out /`,
    "",
  ];
}

/** Where inputs come from that a step sees at one place, and the stages that are made for it. */
function placeInputs(
  inputs: readonly StepInput[],
  script: string,
  lowering: Lowering,
): { from: string | undefined; source: string; more: string[] } {
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) return mergeInputs(inputs, lowering);
  switch (only.kind) {
    case "step":
      return { from: stageName(only.step), source: "/", more: [] };
    case "source":
      return { from: sourcesContext, source: `/${lowering.choose(only.source)}`, more: [] };
    case "pins":
      return { from: script, source: pinsPath(only), more: [] };
    case "files":
      return { from: undefined, source: contextPlaces.files(only.digest), more: [] };
  }
}

/** Several trees as one. The sandbox refuses two that bring another thing by one name; here the later one would win. */
function mergeInputs(
  inputs: readonly StepInput[],
  { merged }: Lowering,
): { from: string; source: string; more: string[] } {
  const copies = inputs.map((input) => {
    if (input.kind === "step") return `COPY --from=${stageName(input.step)} --chown=${user} / /`;
    if (input.kind === "files") return `COPY --chown=${user} ${contextPlaces.files(input.digest)} /`;
    throw new Error(`A ${input.kind} is a file and can't be merged with others at "${input.mount}"`);
  });
  const text = copies.join("\n");
  const there = merged.get(text);
  const from = there ?? `merged--${sha256(text).slice(0, 12)}`;
  merged.set(text, from);
  return { from, source: "/", more: there === undefined ? [`FROM scratch AS ${from}\n${text}\n`] : [] };
}

function mountOption({ from, source, target }: { from: string | undefined; source: string; target: string }): string {
  const words = ["type=bind", ...(from === undefined ? [] : [`from=${from}`]), `source=${source}`, `target=${target}`];
  return `--mount=${words.join(",")}`;
}

function environmentText(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => {
      if (value.includes("\n")) throw new Error(`The variable "${name}" has several lines`);
      return `${name}=${value}\n`;
    })
    .join("");
}

/** For `sha256sum --check`: Docker takes the context as it is. */
function checksums(step: Step, { choose }: Lowering): string {
  return step.inputs
    .flatMap((input) => (input.kind === "source" ? [`${choose(input.source)}  ${input.mount}\n`] : []))
    .join("");
}

type Pins = StepInput & { kind: "pins" };

function pinsOf(step: Step): Pins[] {
  return step.inputs.filter((input) => input.kind === "pins");
}

function pinsPath({ mount }: Pins): string {
  return `/pins${mount}`;
}

/** A file of a stage, word by word. @throws Error where the text has the line that would end it */
function hereDocument(text: string, path: string): string {
  const lines = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  // BuildKit takes a line with carriage returns after the word for the end, too.
  if (lines.split("\n").some((line) => line.replace(/\r+$/, "") === end))
    throw new Error(`The text for "${path}" holds the line ${end}`);
  return `COPY <<"${end}" ${path}\n${lines}${end}`;
}
