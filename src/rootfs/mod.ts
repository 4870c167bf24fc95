export * from "./command-line.ts";
export * from "./image.ts";
export * from "./lint/mod.ts";
export * from "./owners.ts";
export * from "./partitions.ts";
export { rootFolders } from "./root-contents.ts";
export * from "./shell-data.ts";
export * from "./size.ts";
export * from "./steps.ts";
