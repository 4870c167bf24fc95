import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "./credentials.ts";

export interface GuestOptions {
  /** The target that starts it, and that it is ordered after. Default multi-user.target. */
  after?: string;
}

/**
 * Credentials that make the guest answer {@link Vm.sh}: a unit (systemd.extra-unit.*, systemd-debug-generator(8)) that runs a shell
 * loop on the port `hadron.report`. The guest needs virtio-console, dmi-sysfs, sh, base64, tr, mkdir, sleep; `timeout` if it has it.
 */
export function guestAgent(options: GuestOptions = {}): Credentials {
  return guestUnit(part("port") + agentProgram("/run/hadron-agent"), options);
}

/**
 * Credentials that make the guest run this script once, where `report NAME JSON` tells the host something.
 * Its exit status is reported as "status".
 * @param options.poweroff Power the guest off when the script has ended, whatever its status.
 */
export function guestScript(script: string, options: GuestOptions & { poweroff?: boolean } = {}): Credentials {
  const last = options.poweroff ? "systemctl poweroff\n" : "";
  return guestUnit(`${part("port")}${part("report")}(\n${script}\n)\nreport status $?\n${last}`, options);
}

/** The agent's loop, for a shell that has the port open as descriptor 3. */
export function agentProgram(folder: string): string {
  const report = `mkdir -p "$work"\ncat > "$work/report" <<'END'\n${part("report")}END\n. "$work/report"\n`;
  return `work='${folder}'\n${report}${part("agent")}`;
}

function guestUnit(script: string, { after = "multi-user.target" }: GuestOptions): Credentials {
  return {
    "hadron.agent": script,
    "systemd.extra-unit.hadron-agent.service": [
      "[Unit]",
      "Description=Report to the virtual machine's host",
      `After=${after}`,
      "[Service]",
      // The file itself, not a per-service copy: the service then needs no mount namespace and works in any target.
      "ExecStart=/bin/sh /run/credentials/@system/hadron.agent",
      "TimeoutStopSec=5s",
      "",
    ].join("\n"),
    [`systemd.unit-dropin.${after}~50-hadron-agent`]: "[Unit]\nWants=hadron-agent.service\n",
  };
}

function part(name: "port" | "report" | "agent"): string {
  return readFileSync(join(import.meta.dirname, `guest-${name}.sh`), "utf8");
}
