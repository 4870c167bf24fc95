import { HadronError } from "../base/mod.ts";
import type { BootTimes, BootWatch, Vm, VmEnd } from "../vm/mod.ts";
import { writeText } from "./write-text.ts";

/** A boot under emulation, in seconds; nothing takes so long unless it hangs. */
const patience = 900;

export interface BootChart {
  /** The SVG that was written. */
  chart: string;
  /** Seconds of each part of the boot. */
  seconds: BootTimes;
}

/**
 * Waits until a guest has booted, writes systemd-analyze's plot of it to a file, and powers the guest off.
 * @param vm Started with `guest: guestAgent()`
 * @param options.watch Has seen the machine's console
 * @throws HadronError of kind `vm`: `BOOT_CHART` where the guest can't draw it, and what {@link Vm} throws
 */
export async function drawBootChart(
  vm: Vm,
  path: string,
  { watch, signal }: { watch: BootWatch; signal: AbortSignal },
): Promise<BootChart & VmEnd> {
  const quit = (): void => void vm.quit();
  signal.addEventListener("abort", quit, { once: true });
  try {
    signal.throwIfAborted();
    // Its status tells of failed units, which the chart shows as well.
    await vm.sh("systemctl is-system-running --wait", { seconds: patience, readySeconds: patience });
    const seconds = await watch.times(vm);
    const plot = await vm.sh("systemd-analyze plot", { seconds: 120 });
    if (plot.status !== 0 || !plot.stdout.includes("</svg>"))
      throw new HadronError(`systemd-analyze in the guest ended with status ${plot.status} and drew nothing`, {
        kind: "vm",
        code: "BOOT_CHART",
        detail: plot.stderr.trim(),
        hint: "The image needs the program systemd-analyze",
      });
    await writeText(path, plot.stdout, "BOOT_CHART_OUTPUT");
    return { chart: path, seconds, ...(await vm.powerdown()) };
  } finally {
    signal.removeEventListener("abort", quit);
  }
}

export function renderBootChart({ chart, seconds }: BootChart): string {
  const { total, ...parts } = seconds;
  const lines = Object.entries({ ...parts, "from kernel start": total });
  const width = Math.max(...lines.map(([name]) => name.length));
  const times = lines.map(([name, value]) => `${name.padEnd(width)} ${value.toFixed(2).padStart(7)} s\n`);
  return `${times.join("")}Written to ${chart}\n`;
}
