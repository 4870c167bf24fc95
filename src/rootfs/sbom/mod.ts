export * from "./documents.ts";
export { packageUrl, sbomFacts } from "./facts.ts";
export { sbomFiles, sbomFolder, sbomScript } from "./sbom-script.ts";
