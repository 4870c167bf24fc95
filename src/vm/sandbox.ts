import { existsSync } from "node:fs";
import { join } from "node:path";
import { HadronError, programName } from "../base/mod.ts";
import type { Tools } from "./options.ts";

/** A folder or file of this machine, made visible in the sandbox. */
export interface Binding {
  from: string;
  to: string;
  readonly?: boolean;
}

/** Where the VM's own folder (sockets, firmware variables, credentials) is inside the sandbox. */
export const workInside = "/run/vm";

/**
 * The command line that runs a program of the toolbox set `vm`.
 *
 * Bubblewrap, not the tree's loader alone: QEMU finds its modules (TCG itself is one in Debian), its option ROMs and its firmware
 * by /proc/self/exe and by absolute paths, and /proc/self/exe would be the loader. With the tree's /usr as /usr all of them are where
 * Debian put them, whatever the host has; and the PID namespace with --die-with-parent leaves no process behind when
 * this one is killed. Bubblewrap itself needs only its own libraries, so it is run by its tree's loader.
 *
 * The network is the host's: QEMU's user network makes ordinary sockets.
 */
export function sandboxCommand(tools: Tools, work: string, bindings: Binding[], command: string[]): string[] {
  return [
    ...loaderCommand(tools.sandbox, "/usr/bin/bwrap"),
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--hostname", "hadron-vm"],
    ...[
      "--clearenv",
      "--setenv",
      "PATH",
      "/usr/bin:/usr/sbin",
      "--setenv",
      "HOME",
      "/",
      "--setenv",
      "TMPDIR",
      workInside,
    ],
    ...["--setenv", "LC_ALL", "C.UTF-8", "--chdir", "/"],
    ...["--ro-bind", join(tools.vm, "usr"), "/usr"],
    ...["bin", "sbin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]),
    ...["--proc", "/proc", "--dev", "/dev", "--dev-bind-try", "/dev/kvm", "/dev/kvm", "--tmpfs", "/tmp"],
    ...["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"],
    ...["--bind", work, workInside, "--symlink", "../run/vm", "/var/tmp"],
    ...bindings.flatMap((binding) => [binding.readonly ? "--ro-bind" : "--bind", binding.from, binding.to]),
    "--",
    ...command,
  ];
}

const loaders = ["usr/lib64/ld-linux-x86-64.so.2", "usr/lib/ld-linux-aarch64.so.1", "lib/ld-linux-aarch64.so.1"];
const libraryFolders = ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib"];

/** Runs a program of a Debian tree on a host that need not have any of its libraries. */
function loaderCommand(tree: string, program: string): string[] {
  const loader = loaders.map((path) => join(tree, path)).find((path) => existsSync(path));
  if (loader === undefined) {
    throw new HadronError(`The toolbox tree "${tree}" has no dynamic loader`, {
      kind: "vm",
      code: "VM_START_FAILED",
      at: tree,
      hint: `Unpack the toolbox again: ${programName()} toolbox fetch`,
    });
  }
  const folders = libraryFolders.map((path) => join(tree, path)).filter((path) => existsSync(path));
  return [loader, "--library-path", folders.join(":"), join(tree, program)];
}
