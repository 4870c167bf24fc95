import { callerPosition, HadronError } from "../base/mod.ts";
import type { Target } from "./target.ts";

/** What a script may depend on. All of it enters the step's key by way of the script's text. */
export interface BuildContext {
  target: Target;
  name: string;
  /** Of the recipe's first source, from the lock; `"0"` where a recipe has none. */
  version: string;
}

/** Makes the text of a bash script (run with `-euo pipefail`). Pure: equal contexts give equal texts. */
export type Script = (context: BuildContext) => string;

export interface RecipeFields {
  /** Lower-case, kebab-case, unique; the same as its folder. */
  name: string;
  summary: string;
  /** Names in `sources.lock.json`, mounted at `/sources/<name>`; by default one that is called like the recipe. */
  sources?: string[];
  needs?: {
    /** Trees merged at `/cross`: programs that run during the build. Default: our toolchain. */
    tools?: Recipe[];
    /** Trees merged at `/sysroot`, on top of musl and the kernel headers. Their own `libs` come along. */
    libs?: Recipe[];
    /** Trees mounted one by one at `/needs/<name>`: files that a build takes from another's output. */
    trees?: Recipe[];
  };
  /** True for the toolchain itself: neither our toolchain nor musl are added to its needs. */
  bootstrap?: boolean;
  /**
   * A kernel whose modules this recipe signs. Its steps are given `/needs/signatures`: `certificate.der`, and for each module of that
   * kernel's output a detached signature, which are made outside of any step, since none may see a key.
   */
  signs?: Recipe;
  /** Where others see the output. `sysroot`: laid out as the root tree (`/out/usr/bin/…`), the default; `cross`: a tool. */
  output?: "sysroot" | "cross";
  /** Leaves the component in `/out`. */
  build: Script;
  /** Runs after the build, with the component itself at its output's place, and must exit 0. */
  test: Script;
}

export interface Recipe extends Readonly<RecipeFields> {
  /** Absolute path of the recipe's file and line of its `recipe()` call. */
  readonly position: { file: string; line: number };
}

const fieldNames = new Set(["name", "summary", "sources", "needs", "bootstrap", "signs", "output", "build", "test"]);
const needKinds = new Set(["tools", "libs", "trees"]);

/** Checks and freezes one component's description; its place in the source is remembered for messages. */
export function recipe(fields: RecipeFields): Recipe {
  const position = callerPosition(import.meta.filename);
  const at = `${position.file}:${position.line}`;
  const refuse = (message: string, hint: string): never => {
    throw new HadronError(message, { kind: "input", code: "RECIPE_INVALID", at, hint });
  };
  if (!/^[a-z][a-z0-9-]*$/.test(fields.name ?? ""))
    refuse(`Recipe has the name "${fields.name}"`, "Use lower-case letters, digits and dashes");
  for (const field of Object.keys(fields))
    if (!fieldNames.has(field))
      refuse(`Recipe "${fields.name}" has the unknown field "${field}"`, `Known: ${[...fieldNames].join(", ")}`);
  for (const field of ["summary", "build", "test"] as const)
    if (!fields[field]) refuse(`Recipe "${fields.name}" lacks the field "${field}"`, "Add it; every recipe has a test");
  for (const [kind, needs] of Object.entries(fields.needs ?? {})) {
    if (!needKinds.has(kind))
      refuse(`Recipe "${fields.name}" has the unknown kind of need "${kind}"`, `Known: ${[...needKinds].join(", ")}`);
    for (const [index, need] of needs.entries())
      if (!need?.position)
        refuse(
          `Recipe "${fields.name}" needs something that is not a recipe (needs.${kind}[${index}])`,
          "Import the other recipe's default export; an import cycle also shows up like this",
        );
  }
  if ("signs" in fields && !fields.needs?.trees?.some((need) => need === fields.signs))
    refuse(`Recipe "${fields.name}" signs what it does not need`, "Name the kernel in needs.trees as well");
  return Object.freeze({ ...fields, position });
}
