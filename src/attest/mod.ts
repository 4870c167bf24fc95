export * from "./provenance/project-state.ts";
export * from "./provenance/provenance.ts";
export * from "./provenance/statement.ts";
