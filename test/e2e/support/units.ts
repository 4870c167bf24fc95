import type { Vm } from "../../../src/vm/mod.ts";
import { ask } from "./boot.ts";

/** Highest exposure of a unit that runs for long, as `systemd-analyze security` counts it (0 to 10). */
export const exposureAllowed = 3.0;

/** Units that need more than that, and why. Five at most, none above 5.0. */
export const exposureExceptions: Readonly<Record<string, string>> = {
  "systemd-coredumpd.service": "looks into other processes, in their namespaces; off, since a socket serves each crash",
  "systemd-importd.service": "unpacks files of all owners, device nodes among them",
  "systemd-journald.service": "reads kernel messages and audit, and who every process is that writes to it",
  "systemd-journald@.service": "the same, for units that ask for a log of their own",
  "systemd-udevd.service": "makes device nodes, runs programs of rules, and configures devices",
};

/** A unit and how much it is exposed. */
export interface Exposure {
  unit: string;
  exposure: number;
}

/** Those that are exposed more than they may be, with the figure. */
export function overexposed(units: readonly Exposure[]): string[] {
  const limit = (unit: string) => (exposureExceptions[templateOf(unit)] === undefined ? exposureAllowed : 5.0);
  // A figure that can't be read is not one that is low enough.
  const over = units.filter(({ unit, exposure }) => !(exposure <= limit(unit)));
  return over.map(({ unit, exposure }) => `${unit} ${exposure}`);
}

/** A unit as its file is called: the template of an instance. */
export function templateOf(unit: string): string {
  return unit.replace(/@.+\.service$/, "@.service");
}

/** The agent by which the test looks at the guest is no part of the image. */
const ofTheTest = "hadron-agent.service";

/** Services that run now, and those of them that are exposed more than they must be, with the figure. */
export async function exposureOfRunning(vm: Vm): Promise<{ running: string[]; over: string[] }> {
  const list = await ask(vm, "systemctl list-units --type=service --state=running --no-legend --plain");
  const text = await ask(vm, "systemd-analyze security --json=short --no-pager", 180);
  const all = JSON.parse(text) as { unit: string; exposure: string | number }[];
  const names = list.split("\n").map((line) => line.split(" ")[0]);
  const running = all
    .filter(({ unit }) => names.includes(unit) && unit !== ofTheTest)
    .map(({ unit, exposure }) => ({ unit, exposure: Number(exposure) }));
  return { running: running.map(({ unit }) => unit), over: overexposed(running) };
}

/** What systemd finds wrong with the units of the image, and with one instance of each template; empty where nothing. */
export async function faultsOfUnits(vm: Vm): Promise<string> {
  return ask(
    vm,
    "(cd /usr/lib/systemd/system && systemd-analyze verify --man=no $(ls | grep -v '@\\.' | grep -E '\\.(service|socket|target|timer|mount|path)$') ; systemd-analyze verify --man=no sshd@x.service as-root@x.service nspawn-oci@x.service crun@x.service serial-getty@ttyS0.service) 2>&1 || true",
    300,
  );
}
