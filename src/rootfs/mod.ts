export * from "./command-line.ts";
export * from "./image.ts";
export * from "./partitions.ts";
export * from "./steps.ts";
