import { describe, expect, it } from "vitest";
import { HadronError } from "../base/mod.ts";
import { type RecipeFields, recipe } from "./recipe.ts";

const whole: RecipeFields = { name: "zlib", summary: "Compression", build: () => "build", test: () => "test" };

function refusal(fields: object): HadronError {
  try {
    recipe({ ...whole, ...fields });
  } catch (error) {
    if (error instanceof HadronError) return error;
  }
  throw new Error("It was not refused");
}

describe("recipe", () => {
  it("remembers where it was called, and cannot be changed", () => {
    const made = recipe(whole);
    expect(made.position.file).toBe(import.meta.filename);
    expect(made.position.line).toBeGreaterThan(0);
    expect(Object.isFrozen(made)).toBe(true);
  });

  it("an unknown field is refused by name, with the place", () => {
    const error = refusal({ sumary: "x" });
    expect(error).toMatchObject({ kind: "input", code: "RECIPE_INVALID" });
    expect(error.message).toContain('"zlib"');
    expect(error.message).toContain('"sumary"');
    expect(error.at).toMatch(/recipe\.test\.ts:\d+$/);
  });

  it("a missing need is refused by name, with the place", () => {
    const error = refusal({ needs: { libs: [recipe({ ...whole, name: "a" }), undefined] } });
    expect(error.message).toContain("needs.libs[1]");
    expect(error.message).toContain('"zlib"');
    expect(error.at).toMatch(/recipe\.test\.ts:\d+$/);
    expect(error.hint).toContain("import cycle");
  });

  it("a kernel that is signed and not needed is refused", () => {
    const kernel = recipe({ ...whole, name: "kernel" });
    expect(recipe({ ...whole, needs: { trees: [kernel] }, signs: kernel }).signs).toBe(kernel);
    expect(refusal({ signs: kernel })).toMatchObject({
      code: "RECIPE_INVALID",
      hint: expect.stringContaining("needs.trees"),
    });
    expect(refusal({ signs: undefined }).code).toBe("RECIPE_INVALID");
  });

  it("an unknown kind of need, a bad name, and a missing field are refused", () => {
    expect(refusal({ needs: { lib: [] } }).message).toContain('"lib"');
    for (const name of ["Zlib", "z_lib", "1z", "", undefined]) expect(refusal({ name }).code).toBe("RECIPE_INVALID");
    for (const field of ["summary", "build", "test"])
      expect(refusal({ [field]: undefined }).message).toContain(`"${field}"`);
  });
});
