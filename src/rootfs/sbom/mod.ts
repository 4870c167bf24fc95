export { bomFormat, bomMetadata, licences } from "./cyclonedx.ts";
export * from "./documents.ts";
export { ownLicence, sbomFacts } from "./facts.ts";
export { sbomPath, sbomScript, spdxPath } from "./sbom-script.ts";
export { noAssertion, spdxOf } from "./spdx.ts";
