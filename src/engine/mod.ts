export * from "./build.ts";
export * from "./build-lock.ts";
export * from "./cache/export.ts";
export * from "./cache/import.ts";
export * from "./key.ts";
export * from "./store/maintain.ts";
export * from "./store/store.ts";
export * from "./store/tree.ts";
