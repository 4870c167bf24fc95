import type { Vm, VmEnd } from "./vm.ts";

export interface TerminalStreams {
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
}

/** What a person must know before the terminal is the guest's. */
export const terminalHelp = "Ctrl-] or Ctrl-A X ends the VM, Ctrl-A A sends Ctrl-A; Ctrl-C goes to the guest";

/**
 * Makes the terminal the VM's serial console until the VM ends. In raw mode every key goes to the guest, Ctrl-C too; Ctrl-] or
 * Ctrl-A X (as in QEMU) ends the VM. Without a terminal on `input`, its bytes go to the guest as they are, and SIGINT ends the VM.
 * The terminal is as before afterwards.
 * @param streams Default: standard input and output of this process.
 */
export async function attachTerminal(
  vm: Vm,
  streams: TerminalStreams = { input: process.stdin, output: process.stdout },
): Promise<VmEnd> {
  const { input, output } = streams;
  const isTerminal = input.isTTY === true;
  const end = () => void vm.quit();
  const toGuest = escapeFilter((data) => vm.console.write(data), end);
  const onInput = isTerminal ? toGuest : (data: Buffer) => vm.console.write(data);
  output.write(vm.console.text());
  const stopListening = vm.console.listen((chunk) => void output.write(chunk));
  if (isTerminal) input.setRawMode(true);
  input.on("data", onInput).resume();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  try {
    return await vm.exited;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, end);
    stopListening();
    input.off("data", onInput).pause();
    if (isTerminal) {
      input.setRawMode(false);
      // The firmware hides the cursor and turns off line wrapping; a guest that was cut may have left colours.
      output.write("\x1b[0m\x1b[?25h\x1b[?7h\r\n");
    }
  }
}

const ctrlA = 0x01;
const ctrlBracket = 0x1d;

/** Takes the keys meant for us out of what is typed. */
export function escapeFilter(send: (data: Uint8Array) => void, end: () => void): (typed: Uint8Array) => void {
  let isEscaped = false;
  return (typed) => {
    const passed: number[] = [];
    for (const byte of typed) {
      if (isEscaped) {
        isEscaped = false;
        if (byte === ctrlA || byte === 0x61) passed.push(ctrlA);
        else if (byte === 0x78 || byte === 0x58) end();
      } else if (byte === ctrlA) isEscaped = true;
      else if (byte === ctrlBracket) end();
      else passed.push(byte);
    }
    if (passed.length > 0) send(Uint8Array.from(passed));
  };
}
