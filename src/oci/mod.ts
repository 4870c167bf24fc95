export * from "./flat-tree.ts";
export * from "./flatten.ts";
export * from "./image-config.ts";
export * from "./image-files.ts";
export * from "./layout.ts";
export * from "./open-image.ts";
export * from "./registry/mod.ts";
