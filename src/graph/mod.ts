export * from "./environment.ts";
export * from "./files.ts";
export * from "./load.ts";
export * from "./plan.ts";
export * from "./step.ts";
export * from "./with-input.ts";
