export * from "./artifacts.ts";
export * from "./extension.ts";
export type { ExtensionSource } from "./extension-step.ts";
export * from "./from-oci.ts";
export * from "./image-graph.ts";
export * from "./layer-table.ts";
export * from "./load-image.ts";
export { type PcrPolicy, policiesFile, publicKeyInput, signaturesInput } from "./pcr-policy.ts";
export * from "./write-artifact.ts";
