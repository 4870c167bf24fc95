import { plainText } from "../../../src/base/mod.ts";
import type { Vm, VmOptions } from "../../../src/vm/mod.ts";
import { ask, boot, bootSeconds, runLast, systemState } from "../../e2e/support/boot.ts";

/** What one boot showed. */
export interface Seen {
  state: string;
  failed: string;
  machineId: string;
  /** Device and file system of /var. */
  mounted: string;
  /** What `/var/marker` holds. */
  marker: string;
  /** SHA-256, hexadecimal. */
  pcr: string;
  /** What the journal says at warning and above. */
  warnings: string;
}

export async function look(vm: Vm): Promise<Seen> {
  return {
    ...(await systemState(vm)),
    machineId: await ask(vm, "cat /etc/machine-id"),
    mounted: await ask(vm, "findmnt -nro SOURCE,FSTYPE /var"),
    marker: await ask(vm, "cat /var/marker 2> /dev/null || echo none"),
    pcr: await ask(vm, "cat /sys/class/tpm/tpm0/pcr-sha256/11 2> /dev/null || echo none"),
    warnings: await ask(vm, "journalctl -b -p warning -o cat --no-pager"),
  };
}

export async function powerOff(vm: Vm): Promise<void> {
  runLast(vm, "systemctl poweroff");
  await vm.waitForExit({ seconds: 90 });
}

/** One boot from power-on to power-off. */
export async function bootOnce(name: string, options: Partial<VmOptions>): Promise<Seen> {
  await using vm = await boot(name, options);
  const seen = await look(vm);
  await powerOff(vm);
  return seen;
}

/** How a boot ended that is to be refused: "up" where it was not; and what was said about it. */
export interface Refusal {
  end: string;
  said: string;
}

/** Words of systemd's parts that have a say in it. */
const saying = /tpm|pcr|policy|cryptsetup|repart|by-hadron|after a failure|emergency/i;

export async function bootRefused(name: string, options: Partial<VmOptions>): Promise<Refusal> {
  await using vm = await boot(name, {
    ...options,
    noReboot: true,
    extraCommandLine:
      "systemd.show_status=yes systemd.journald.forward_to_console=yes systemd.journald.max_level_console=warning",
  });
  const isUp = await vm.waitForReport("ready", { seconds: bootSeconds }).then(
    () => true,
    () => false,
  );
  const exit = vm.waitForExit({ seconds: 30 }).then(
    ({ reason }) => reason,
    () => "neither up nor ended",
  );
  const end = isUp ? "up" : await exit;
  const lines = plainText(vm.console.text())
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => saying.test(line));
  return { end, said: [...new Set(lines)].slice(-12).join("\n  ") };
}
