export * from "./documents.ts";
export { sbomFacts } from "./facts.ts";
export { sbomPath, sbomScript, spdxPath } from "./sbom-script.ts";
export { spdxOf } from "./spdx.ts";
