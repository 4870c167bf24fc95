import { compareText } from "../../base/mod.ts";
import type { LockedPackage, ToolboxLock } from "./lock.ts";

/** One package of a set that is not as it was. */
export interface ToolboxChange {
  set: string;
  package: string;
  /** Version; undefined where it was not in the set. */
  from?: string;
  /** Version; undefined where it is not in the set any more. */
  to?: string;
}

/** What a new lock changes, sorted by set and package. Other bytes of the same version are a change as well. */
export function toolboxChanges(before: ToolboxLock | undefined, after: ToolboxLock): ToolboxChange[] {
  const sets = new Set([...Object.keys(before?.sets ?? {}), ...Object.keys(after.sets)]);
  return [...sets].sort(compareText).flatMap((set) => {
    const [old, now] = [byName(before, set), byName(after, set)];
    const names = [...new Set([...old.keys(), ...now.keys()])].sort(compareText);
    return names.flatMap((name): ToolboxChange[] => {
      const [from, to] = [old.get(name), now.get(name)];
      if (from?.sha256 === to?.sha256) return [];
      return [{ set, package: name, ...(from && { from: from.version }), ...(to && { to: to.version }) }];
    });
  });
}

/** `build: gcc 4:14.2.0-1 → 4:14.2.0-2`, `build: zstd new → 1.5.7`. */
export function formatToolboxChange({ set, package: name, from = "new", to = "gone" }: ToolboxChange): string {
  return `${set}: ${name} ${from} → ${to}`;
}

function byName(lock: ToolboxLock | undefined, set: string): Map<string, LockedPackage> {
  return new Map((lock?.sets[set]?.packages ?? []).map((package_) => [package_.name, package_]));
}
