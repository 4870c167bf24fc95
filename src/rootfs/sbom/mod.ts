export { packageUrl, sbomFacts } from "./facts.ts";
export { sbomFolder, sbomScript } from "./sbom-script.ts";
