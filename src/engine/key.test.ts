import { describe, expect, it } from "vitest";
import type { Step } from "../graph/mod.ts";
import { stepKey } from "./key.ts";

const [a, b, c] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)] as const;
const step: Step = {
  id: "zlib",
  at: "recipes/zlib/recipe.ts:4",
  script: "make\n",
  env: { A: "1", B: "2" },
  inputs: [],
};

/** Ten steps whose keys must stay as they are: if one changes, everything is built again everywhere. */
const pinned: [step: Step, toolbox: string, inputs: { mount: string; digest: string }[], key: string][] = [
  [step, a, [], "78e4e6e491793b959785531f1f64a5dd9fada3b39ab02c297e761be69b89024b"],
  [{ ...step, script: "" }, a, [], "f9ad9cc6327f082b6d47ecac3d30a3f188f6721fcf9dc18fd24865c411e3b8dc"],
  [
    { ...step, script: "make -j$JOBS \\\n  V=1\n" },
    a,
    [],
    "eb9382bc0a3ca3d72f44fb9bd40a0f998512ad4bdee89a0c9dd98c34a5ac5b2e",
  ],
  [
    { ...step, script: "echo 'é ⚙ \u{1f600}'\n" },
    a,
    [],
    "3688353fa08bc91191d469bad5c5f3ec79c9ecf58eff7d2c8339f3ff8b446956",
  ],
  [{ ...step, env: {} }, a, [], "2baddba29c1b2122df04d24cfc21d113815987a54000007770e3f01b37a915f2"],
  [
    { ...step, env: { Z: "", "a-b": '\n"' } },
    a,
    [],
    "f8a8168bc17f448903c5ed6cc059fa20ed0c1a9d67f277c85c35c42b616b8777",
  ],
  [step, b, [], "f72e2ef78f781e42edd1caa16b4024cf0bcddf8d6b4a416939e22bdd5c2c0440"],
  [
    step,
    a,
    [{ mount: "/sources/zlib", digest: b }],
    "26b146d470ffd3e70d8b4b4fa66c91b98cce7e31482d16daf1a796a02e8a9b20",
  ],
  [
    step,
    a,
    [
      { mount: "/cross", digest: b },
      { mount: "/sysroot", digest: c },
    ],
    "1e86b55b2fc57c7be0a8fb174fa9f4eeeeaa5c9913f97a8d432fffdb4674ac67",
  ],
  [
    step,
    a,
    [
      { mount: "/sysroot", digest: c },
      { mount: "/sysroot", digest: b },
    ],
    "9aa555b6f26200a594bdae094e7d8d762c8c743ccd2ea625e63171dd2e28aa09",
  ],
];

describe("stepKey", () => {
  it("of ten steps is what it has always been", () => {
    expect(pinned.map(([it, toolbox, inputs]) => stepKey(it, toolbox, inputs))).toEqual(
      pinned.map(([, , , key]) => key),
    );
  });

  it("does not depend on the step's name and place, nor on the order of its environment", () => {
    const other = { ...step, id: "other", at: "elsewhere:1", env: { B: "2", A: "1" } };
    expect(stepKey(other, a, [])).toBe(stepKey(step, a, []));
  });

  it("depends on all else", () => {
    const inputs = [{ mount: "/cross", digest: b }];
    const keys = [
      stepKey(step, a, inputs),
      stepKey({ ...step, script: "make \n" }, a, inputs),
      stepKey({ ...step, env: { A: "1" } }, a, inputs),
      stepKey(step, b, inputs),
      stepKey(step, a, [{ mount: "/cross", digest: c }]),
      stepKey(step, a, [{ mount: "/sysroot", digest: b }]),
      stepKey(step, a, []),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
