export type { SourceRecord } from "./blob.ts";
export * from "./candidate.ts";
export * from "./fetch.ts";
export * from "./hosts.ts";
export * from "./list.ts";
export * from "./lock.ts";
export * from "./update.ts";
export * from "./verify.ts";
