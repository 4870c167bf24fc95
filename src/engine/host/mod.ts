export * from "./apparmor.ts";
export * from "./check.ts";
export * from "./checks.ts";
export * from "./host.ts";
export * from "./this-host.ts";
export * from "./user-namespaces.ts";
