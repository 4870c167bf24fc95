import { HadronError, plainText, programName } from "../base/mod.ts";

export type VmErrorCode =
  /** QEMU, swtpm or the sandbox ended before the VM ran. */
  | "VM_START_FAILED"
  /** QEMU ended by itself while something was waited for. */
  | "VM_DIED"
  /** Something took longer than its limit. */
  | "VM_TIMEOUT"
  /** The VM ended in an orderly way without the report that was waited for. */
  | "VM_NO_REPORT"
  /** The guest was reset while a command ran in it. */
  | "VM_RESET"
  /** QEMU refused a control command. */
  | "VM_CONTROL";

const hints: Record<VmErrorCode, string> = {
  VM_START_FAILED: `${programName()} doctor tells what this machine lacks`,
  VM_DIED: "See QEMU's last words; where it has none, look whether this machine ran out of memory (dmesg)",
  VM_TIMEOUT: "See how far the console came: under emulation, or beside a build, it may only take longer",
  VM_NO_REPORT: "See the end of the console: the guest powered off or stopped before it was done",
  VM_RESET: "See the end of the console: the guest failed or was told to reboot",
  VM_CONTROL: "Run it again; where it fails alike, please report it with the lines above",
};

/** What the VM wrote, for the detail of an error. */
export interface Evidence {
  /** End of the serial console. */
  console?: string;
  /** End of what QEMU wrote to its standard error. */
  stderr?: string;
}

const shownLines = 30;

export function vmError(
  code: VmErrorCode,
  message: string,
  evidence: Evidence = {},
  hint: string = hints[code],
): HadronError {
  const detail = [
    ...excerpt("QEMU's last words", evidence.stderr),
    ...excerpt("End of the serial console", evidence.console),
  ].join("\n");
  return new HadronError(message, {
    kind: "vm",
    code,
    hint,
    ...(detail === "" ? {} : { detail }),
  });
}

function excerpt(title: string, text: string | undefined): string[] {
  const lines = plainText(text ?? "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  if (lines.length === 0) return [];
  return [`${title}:`, ...lines.slice(-shownLines).map((line) => `  | ${line}`)];
}
