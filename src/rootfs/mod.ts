export * from "./command-line.ts";
export * from "./image.ts";
export * from "./lint/mod.ts";
export * from "./owners.ts";
export * from "./partitions.ts";
export * from "./steps.ts";
