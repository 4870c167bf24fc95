export { formatToolboxChange, type ToolboxChange, toolboxChanges } from "./changes.ts";
export { fetchPackages, packagePath } from "./fetch.ts";
export { type LockedPackage, readToolboxLock, type ToolboxLock, toolboxLockPath } from "./lock.ts";
export { toolboxSets } from "./sets.ts";
export { ensureToolboxSet, locateToolboxSet, toolboxSetDigest } from "./unpack.ts";
export { updateToolboxLock } from "./update.ts";
