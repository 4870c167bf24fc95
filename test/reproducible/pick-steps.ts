import { compareText, sha256 } from "../../src/base/mod.ts";

/** How many steps the gate runs again. */
const pickedCount = 3;
/** Seconds that one may take, so that the gate stays short. */
const longest = 60;

/**
 * The steps that the gate runs again for a commit: other ones for each, the same for everybody. They are taken among components whose known
 * time is short; images' steps are all made again anyway.
 * @param times `build-times.json`: seconds by step
 * @param steps Those that there are
 */
export function pickSteps(
  commit: string,
  times: Readonly<Record<string, number>>,
  steps: ReadonlySet<string>,
): string[] {
  const rank = (id: string) => sha256(`${commit} ${id}`);
  return Object.entries(times)
    .filter(([id, seconds]) => steps.has(id) && !id.includes(":") && seconds <= longest)
    .map(([id]) => id)
    .sort((a, b) => compareText(rank(a), rank(b)))
    .slice(0, pickedCount)
    .sort(compareText);
}
