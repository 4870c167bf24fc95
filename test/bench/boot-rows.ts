import { machineBudgets } from "../budgets.ts";
import type { Measured } from "./figure.ts";
import type { MachineFigures } from "./machine-figures.ts";
import type { PeerDisk } from "./peer-disk.ts";

/** What the second boot from a disk showed, with the seconds that the very first took to multi-user. */
export type Booted = MachineFigures & { first: number };

/** The lines of the page on boots: our system, the other one, and how they compare. */
export function bootRows(ours: Booted, theirs: Booted, peer: Omit<PeerDisk, "disk" | "kernel" | "initrd">): Measured[] {
  return [
    ...ownRows(ours),
    ...peerRows(theirs, peer),
    {
      what: "boot, ratio to the minimal Debian",
      unit: "ratio",
      reach: 0.3,
      value: ours.multiUser / theirs.multiUser,
    },
  ];
}

function ownRows({ first, multiUser, boot, processes, sockets, memory }: Booted): Measured[] {
  const { total, ...parts } = boot;
  const counts = { processes, sockets, memory };
  return [
    { what: "boot: kernel start to multi-user", unit: "s", value: multiUser },
    { what: "boot: the same, the first time on a disk", unit: "s", value: first },
    { what: "boot: kernel start to the end of the last job", unit: "s", value: total },
    ...Object.entries(parts).map(([part, value]): Measured => ({ what: `boot: ${part}`, unit: "s", value })),
    ...Object.entries(machineBudgets).map(
      ([name, budget]): Measured => ({
        what: budget.what,
        unit: budget.unit,
        reach: "reach" in budget ? budget.reach : undefined,
        value: counts[name as keyof typeof counts],
      }),
    ),
  ];
}

function peerRows(
  { multiUser, boot, processes, sockets, memory }: Booted,
  { release, usr, executables, kernelOptions }: Omit<PeerDisk, "disk" | "kernel" | "initrd">,
): Measured[] {
  const of = (what: string, unit: Measured["unit"], value: number): Measured => ({
    what: `minimal Debian ${release}: ${what}`,
    unit,
    value,
  });
  return [
    of("`/usr`", "MB", usr),
    of("executables in `/usr`", "count", executables),
    of("kernel options that are on", "count", kernelOptions),
    of("boot: kernel start to multi-user", "s", multiUser),
    of("boot: kernel and initrd", "s", boot.kernel + (boot.initrd ?? 0)),
    of("boot: userspace", "s", boot.userspace),
    of("processes", "count", processes),
    of("sockets that listen", "count", sockets),
    of("memory in use, 60 s after multi-user", "MB", memory),
  ];
}
