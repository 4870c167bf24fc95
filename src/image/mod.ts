export * from "./artifacts.ts";
export * from "./image-graph.ts";
export * from "./load-image.ts";
export * from "./write-artifact.ts";
