export * from "./ar.ts";
export * from "./deb.ts";
export * from "./deb822.ts";
export * from "./debian-version.ts";
export * from "./qcow2.ts";
export * from "./sparse-file.ts";
export * from "./tar.ts";
