export * from "./build.ts";
export * from "./key.ts";
export * from "./store/store.ts";
export * from "./store/tree.ts";
