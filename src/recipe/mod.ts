export * from "./builders.ts";
export * from "./recipe.ts";
export * from "./target.ts";
