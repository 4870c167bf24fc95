import { describe, expect, it } from "vitest";
import type { Step, StepInput } from "../../graph/mod.ts";
import { loweredKey, lowerToDockerfile, neededSteps } from "./dockerfile.ts";
import { stageName } from "./stage-name.ts";

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
const toolbox = { digest: "toolbox" };

function lower(wanted: string[], known: Record<string, string> = {}): string {
  return lowerToDockerfile(steps, { wanted, known: new Map(Object.entries(known)), choose, toolbox });
}

function lowerOne(one: Step): string {
  return lowerToDockerfile(new Map([[one.id, one]]), { wanted: [one.id], known: new Map(), choose, toolbox });
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
    const names = ["gcc", "musl", "zlib", "zlib.test"];
    const [copies, ran = ""] = stage(text, "hadron--outputs").split('COPY <<"HADRON_END" /hadron--ran\n');
    expect(copies).toBe(names.map((name) => `COPY --from=${name} / /${name}/\n`).join(""));
    const lines = ran.trimEnd().split("\n");
    expect(lines.pop()).toBe("HADRON_END");
    expect(lines).toEqual(names.map((name) => expect.stringMatching(new RegExp(`^[0-9a-f]{64}  ${name}$`))));
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

  it("is the same text each time", () => {
    expect(lower(["zlib:test"])).toBe(text);
  });

  it.each(["HADRON_END", "HADRON_END\r", "HADRON_END\r\r"])(
    "refuses a script that would end its here-document: %j",
    (line) => {
      expect(() => lowerOne({ ...step("odd", []), script: `cat <<X\n${line}\nX\n` })).toThrow("HADRON_END");
    },
  );

  it("refuses a variable of several lines, which the environment's file can't hold", () => {
    expect(() => lowerOne({ ...step("odd", []), env: { A: "1\n2" } })).toThrow('"A"');
  });

  it("refuses a file where others are merged", () => {
    const mount = "/sysroot";
    const inputs: StepInput[] = [
      { kind: "source", source: "a", mount },
      { kind: "files", directory: "/nonexistent", mount, digest: "f1" },
    ];
    expect(() => lowerOne(step("odd", inputs))).toThrow('"/sysroot"');
  });
});

describe("the key of a step before it is run", () => {
  const key = (changes: Partial<Step>, known?: string, digest = "toolbox") =>
    loweredKey(
      {
        ...step("musl", [output("gcc", "/cross"), { kind: "source", source: "musl", mount: "/sources/musl" }]),
        ...changes,
      },
      { toolbox: { digest }, choose },
      () => known,
    );

  it("covers all but what is only made then", () => {
    const keys = [
      key({}),
      key({}, "0123"),
      key({}, undefined, "another toolbox"),
      key({ script: "another" }),
      key({ env: { ARCH: "aarch64" } }),
      key({ inputs: [output("gcc", "/cross"), { kind: "source", source: "glibc", mount: "/sources/musl" }] }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(
      key({ inputs: [output("clang", "/cross"), { kind: "source", source: "musl", mount: "/sources/musl" }] }),
    ).toBe(key({}));
  });
});
