export * from "./error-report.ts";
export * from "./format.ts";
export * from "./open-renderer.ts";
export * from "./renderer.ts";
export * from "./size-page.ts";
export * from "./table.ts";
