import type { Host } from "./host.ts";

/** What one check found on a machine. */
export interface Finding {
  state: "ok" | "warning" | "missing";
  /** The fact, with its value. */
  found: string;
  /** The command or the step that mends it; only where the state is not ok. */
  mend?: string;
}

export interface Check {
  /** Stable, for scripts. */
  name: string;
  /** What needs it. */
  why: string;
  look(host: Host): Promise<Finding>;
}

export interface CheckRow extends Finding {
  check: string;
  why: string;
}

/** Runs checks one after another; one that can't look says so instead of ending the rest. */
export async function runChecks(host: Host, checks: Check[]): Promise<CheckRow[]> {
  const rows: CheckRow[] = [];
  for (const { name, why, look } of checks)
    rows.push({
      check: name,
      why,
      ...(await look(host).catch(
        (error: Error): Finding => ({ state: "warning", found: `Can't be looked at: ${error.message}` }),
      )),
    });
  return rows;
}
