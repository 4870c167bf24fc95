import type { Vm } from "../../../src/vm/mod.ts";
import { ask } from "./boot.ts";

/** Highest exposure of a unit that runs for long, as `systemd-analyze security` counts it (0 to 10). */
export const exposureAllowed = 3.0;

/** Units that need more than that, and why. Five at most, none above 5.0. */
export const exposureExceptions: Readonly<Record<string, string>> = {
  "systemd-journald.service": "reads kernel messages and audit, and who every process is that writes to it",
  "systemd-udevd.service": "makes device nodes, runs programs of rules, and configures devices",
};

/** The agent by which the test looks at the guest is no part of the image. */
const ofTheTest = "hadron-agent.service";

interface Exposure {
  unit: string;
  exposure: string | number;
}

/** Services that run now, and those of them that are exposed more than they must be, with the figure. */
export async function exposureOfRunning(vm: Vm): Promise<{ running: string[]; over: string[] }> {
  const list = await ask(vm, "systemctl list-units --type=service --state=running --no-legend --plain");
  const all = JSON.parse(await ask(vm, "systemd-analyze security --json=short --no-pager", 180)) as Exposure[];
  const names = list.split("\n").map((line) => line.split(" ")[0]);
  const running = all.filter(({ unit }) => names.includes(unit) && unit !== ofTheTest);
  const limit = (unit: string) => (exposureExceptions[unit] === undefined ? exposureAllowed : 5.0);
  const over = running.filter(({ unit, exposure }) => Number(exposure) > limit(unit));
  return {
    running: running.map(({ unit }) => unit),
    over: over.map(({ unit, exposure }) => `${unit} ${exposure}`),
  };
}

/** What systemd finds wrong with the units of the image, and with one instance of each template; empty where nothing. */
export async function faultsOfUnits(vm: Vm): Promise<string> {
  return ask(
    vm,
    "(cd /usr/lib/systemd/system && systemd-analyze verify --man=no $(ls | grep -v '@\\.' | grep -E '\\.(service|socket|target|timer|mount|path)$') ; systemd-analyze verify --man=no sshd@x.service as-root@x.service nspawn-oci@x.service crun@x.service serial-getty@ttyS0.service) 2>&1 || true",
    300,
  );
}
