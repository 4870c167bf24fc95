import type { Result } from "./compare-builds.ts";
import type { Difference } from "./compare-files.ts";

/** More would hide what they have in common. */
const shown = 20;

/**
 * Differences for a person to read:
 *
 *     usr/lib/libz.a, member adler32.o, section .text, byte 31 (0x1f)
 *       first:  48 65 6c 6c 6f  "Hello"
 *       second: 48 61 6c 6c 6f  "Hallo"
 */
export function describeDifferences(differences: readonly Difference[]): string {
  const rest = differences.length - shown;
  return [...differences.slice(0, shown).map(describe), ...(rest > 0 ? [`and ${rest} more`] : [])].join("\n");
}

function describe({ where, what, at, bytes }: Difference): string {
  const place = at === undefined ? [] : [`byte ${at} (0x${at.toString(16)})`];
  const head = `${[...where, ...place].join(", ")}${what === undefined ? "" : `: ${what}`}`;
  if (!bytes) return head;
  return [head, `  first:  ${dump(bytes.first)}`, `  second: ${dump(bytes.second)}`].join("\n");
}

function dump(bytes: Buffer): string {
  if (bytes.length === 0) return "(ended)";
  const text = bytes.toString("latin1").replace(/[^ -~]/g, ".");
  return `${bytes.toString("hex").replace(/..(?=.)/g, "$& ")}  "${text}"`;
}

/** All that differs between two builds, or the empty string. */
export function describeResult({ different }: Result): string {
  return Object.entries(different)
    .flatMap(([what, of]) => of.map((one) => `\n${what}: ${one.name}\n${describeDifferences(one.differences)}\n`))
    .join("");
}
