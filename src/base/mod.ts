export * from "./atomic-file.ts";
export * from "./caller-position.ts";
export * from "./canonical-json.ts";
export * from "./digest.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./paths.ts";
export * from "./process.ts";
