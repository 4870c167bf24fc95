import { describe, expect, it } from "vitest";
import type { Step, StepInput } from "../../graph/mod.ts";
import { lowerToDockerfile, neededSteps, stageName } from "./dockerfile.ts";

function step(id: string, inputs: StepInput[], script = `make ${id}\n`): Step {
  return { id, at: `recipes/${id}/recipe.ts:1`, script, env: { B: "2", A: "1 $x" }, inputs };
}

const output = (step: string, mount: string): StepInput => ({ kind: "step", step, mount });

/** gcc and musl from sources; zlib and its test of them. */
const steps = new Map(
  [
    step("gcc", [{ kind: "source", source: "gcc", mount: "/sources/gcc" }]),
    step("musl", [output("gcc", "/cross"), { kind: "source", source: "musl", mount: "/sources/musl" }]),
    step("zlib", [
      output("gcc", "/cross"),
      { kind: "files", directory: "/nonexistent", mount: "/recipe", digest: "f1" },
      output("musl", "/sysroot"),
    ]),
    step("zlib:test", [
      output("gcc", "/cross"),
      output("musl", "/sysroot"),
      output("zlib", "/sysroot"),
      { kind: "pins", sources: ["musl", "gcc"], mount: "/pins" },
    ]),
  ].map((it) => [it.id, it]),
);

const choose = (source: string) => `digest-of-${source}`;

function lower(wanted: string[], known: Record<string, string> = {}): string {
  return lowerToDockerfile(steps, { wanted, known: new Map(Object.entries(known)), choose });
}

/** The lines from a stage's beginning to the next one. */
function stage(text: string, name: string): string {
  const [, rest = ""] = text.split(new RegExp(`^FROM \\S+ AS ${name}\n`, "m"));
  return rest.split(/^FROM /m)[0] ?? "";
}

describe("a Dockerfile", () => {
  const text = lower(["zlib:test"]);

  it("has a stage for each step, which runs without a network", () => {
    for (const id of steps.keys()) expect(text).toContain(`\nFROM scratch AS ${stageName(id)}\n`);
    const runs = text.split("\n").filter((line) => line.startsWith("RUN "));
    expect(runs).toHaveLength(steps.size + 1);
    for (const run of runs) expect(run).toMatch(/^RUN --network=none /);
  });

  it("gives a step its inputs at their places: outputs, sources by digest from a context of their own, files", () => {
    expect(stage(text, "musl--run")).toContain("--mount=type=bind,from=gcc,source=/,target=/cross ");
    expect(stage(text, "musl--run")).toContain(
      "--mount=type=bind,from=sources,source=/digest-of-musl,target=/sources/musl ",
    );
    expect(stage(text, "zlib--run")).toContain("--mount=type=bind,source=files/f1,target=/recipe ");
  });

  it("has sources checked, since Docker takes the context as it is", () => {
    expect(stage(text, "musl--script")).toContain(
      'COPY <<"HADRON_END" /sources\ndigest-of-musl  /sources/musl\nHADRON_END',
    );
  });

  it("gives a step its whole environment, word by word", () => {
    expect(stage(text, "gcc--script")).toContain('COPY <<"HADRON_END" /environment\nA=1 $x\nB=2\nHADRON_END');
  });

  it("merges what a step sees at one place, once for all that see the same", () => {
    const [, merged = ""] = /from=(merged--\w+),source=\/,target=\/sysroot/.exec(stage(text, "zlib.test--run")) ?? [];
    expect(stage(text, merged)).toBe(
      "COPY --from=musl --chown=1000:1000 / /\nCOPY --from=zlib --chown=1000:1000 / /\n\n",
    );
  });

  it("hands over the list of sources", () => {
    expect(stage(text, "zlib.test--script")).toContain(
      'COPY <<"HADRON_END" /pins/pins\ndigest-of-gcc  gcc\ndigest-of-musl  musl\nHADRON_END',
    );
    expect(stage(text, "zlib.test--run")).toContain("from=zlib.test--script,source=/pins/pins,target=/pins ");
  });

  it("brings out each step that is run", () => {
    expect(stage(text, "hadron--outputs")).toBe(
      ["gcc", "musl", "zlib", "zlib.test"].map((name) => `COPY --from=${name} / /${name}/\n`).join(""),
    );
  });

  it("takes known outputs as they are, and leaves out what only leads to them", () => {
    const part = lower(["zlib:test"], { gcc: "0123", musl: "4567" });
    expect(stage(part, "gcc")).toBe("ADD --chown=1000:1000 outputs/0123.tar /\n\n# Known already.\n");
    expect(part).not.toContain("gcc--run");
    expect(stage(part, "hadron--outputs")).not.toContain("gcc");
    const known = new Map([
      ["zlib", "89ab"],
      ["gcc", "0123"],
      ["musl", "4567"],
    ]);
    expect([...neededSteps(steps, { wanted: ["zlib"], known }).keys()]).toEqual([]);
  });

  it("refuses a script that would end its here-document", () => {
    const odd = new Map([["odd", step("odd", [], "cat <<X\nHADRON_END\n")]]);
    expect(() => lowerToDockerfile(odd, { wanted: ["odd"], known: new Map(), choose })).toThrow("HADRON_END");
  });
});
