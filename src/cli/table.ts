import { building, everywhere, origin, target } from "./shared-options.ts";
import type { CommandSpec, InputOf } from "./table-types.ts";

/** Every command with its arguments and options: drives the parser, the help and docs/reference/commands.md. */
export const commandTable = {
  build: {
    summary: "Build components from source, and test them",
    arguments: { component: { repeat: true, optional: true, summary: "Names; all components where none is given" } },
    options: {
      ...building,
      test: {
        kind: "text",
        value: "WHEN",
        choices: ["yes", "no"],
        default: "yes",
        summary: "Run the components' tests",
      },
      shell: { kind: "flag", summary: "Open a shell in the sandbox of the one component named, its inputs in place" },
      ...everywhere,
    },
    examples: ["hadron build", "hadron build zlib openssl --jobs 4", "hadron build busybox --shell"],
  },
  image: {
    summary: "Build an image and write one artifact of it",
    arguments: { image: { summary: "A name in images/" } },
    options: {
      as: {
        kind: "text",
        value: "KIND",
        choices: ["disk", "qcow2", "uki", "iso"],
        required: true,
        summary: "Raw disk, qcow2 disk, unified kernel image, live ISO",
      },
      output: { kind: "text", value: "PATH", required: true, summary: "File to write; appears only when it is whole" },
      sbom: { kind: "text", value: "PATH", summary: "Write a bill of materials as well (SPDX 2.3, JSON)" },
      cache: {
        kind: "text",
        value: "WHEN",
        choices: ["yes", "no"],
        default: "yes",
        summary: "no: assemble again although the artifact is in the store",
      },
      ...building,
      ...everywhere,
    },
    examples: ["hadron image cloud --as disk --output cloud.raw", "hadron image cloud --as iso --output cloud.iso"],
  },
  run: {
    summary: "Boot an image in a virtual machine, with a root shell on its serial console",
    arguments: { image: { default: "cloud", summary: "A name in images/" } },
    options: {
      memory: { kind: "size", value: "SIZE", default: "1G", summary: "Memory of the machine" },
      cpus: { kind: "count", value: "N", default: "2", summary: "CPUs of the machine" },
      disk: {
        kind: "text",
        value: "PATH",
        summary: "Disk to keep; made from the image where missing. Else changes are forgotten",
      },
      diskSize: { kind: "size", value: "SIZE", default: "4G", summary: "Size of a disk that is made from the image" },
      iso: { kind: "flag", summary: "Boot the live ISO instead of the disk" },
      sshPort: { kind: "count", value: "PORT", summary: "Port of this machine that leads to the guest's port 22" },
      headless: { kind: "flag", summary: "Don't read the terminal; only show the console" },
      cmdline: { kind: "text", value: "WORDS", repeat: true, summary: "Words to add to the kernel command line" },
      credential: { kind: "text", value: "NAME=VALUE", repeat: true, summary: "A systemd credential for the guest" },
      ...building,
      ...everywhere,
    },
    examples: [
      "hadron run",
      "hadron run cloud --memory 2G --ssh-port 2222",
      "hadron run --credential system.hostname=node1",
    ],
  },
  list: {
    summary: "List the components and images",
    arguments: {},
    options: { ...target, ...everywhere },
    examples: ["hadron list"],
  },
  show: {
    summary: "Show what is known about a component",
    arguments: { component: { summary: "Its name" } },
    options: { ...target, ...everywhere },
    examples: ["hadron show zlib"],
  },
  why: {
    summary: "Say what needs a component, or which component a file of the OS comes from",
    arguments: { subject: { summary: "A component, or a path of the OS such as /usr/bin/mount" } },
    options: { ...target, ...everywhere },
    examples: ["hadron why zlib", "hadron why /usr/bin/mount"],
  },
  graph: {
    summary: "Print the build graph",
    arguments: {
      component: { repeat: true, optional: true, summary: "Only what these need; all where none is given" },
    },
    options: {
      ...target,
      as: { kind: "text", value: "FORMAT", choices: ["text", "json", "dot"], default: "text", summary: "Format" },
      ...everywhere,
    },
    examples: ["hadron graph busybox", "hadron graph --as dot | dot -Tsvg -o graph.svg"],
  },
  sources: {
    summary: "List, fetch, check or update the pinned sources",
    arguments: {
      action: { choices: ["list", "fetch", "verify", "update"], default: "list", summary: "What to do" },
      source: { repeat: true, optional: true, summary: "Names; all where none is given" },
    },
    options: { ...origin, ...everywhere },
    examples: ["hadron sources", "hadron sources fetch", "hadron sources update zlib"],
  },
  toolbox: {
    summary: "List, fetch or update the pinned packages that steps run in, or print where they are",
    arguments: { action: { choices: ["list", "fetch", "update", "path"], default: "list", summary: "What to do" } },
    options: {
      set: {
        kind: "text",
        value: "SET",
        choices: ["build", "emulate", "judges", "sandbox", "vm"],
        repeat: true,
        summary: "Only this set of packages",
      },
      mirror: origin.mirror,
      offline: origin.offline,
      ...everywhere,
    },
    examples: ["hadron toolbox fetch", "hadron toolbox path --set vm"],
  },
  store: {
    summary: "Look at, check or clean the store of step outputs",
    arguments: { action: { choices: ["list", "path", "verify", "gc"], default: "list", summary: "What to do" } },
    options: {
      remove: { kind: "flag", only: ["verify"], summary: "Remove damaged outputs, so that they are built again" },
      olderThan: { kind: "number", value: "DAYS", only: ["gc"], summary: "Remove what was not used for so many days" },
      maxSize: {
        kind: "size",
        value: "SIZE",
        only: ["gc"],
        summary: "Remove the longest unused until the rest is this small",
      },
      ...everywhere,
    },
    examples: ["hadron store verify", "hadron store gc --older-than 30", "hadron store gc --max-size 20G"],
  },
  cache: {
    summary: "Export step outputs to carry to another machine",
    arguments: {
      action: { choices: ["export"], summary: "What to do" },
      dir: { summary: "Folder for the OCI image layout; what is in it already is kept" },
    },
    options: {
      toolchain: { kind: "flag", summary: "Only the toolchain" },
      ...target,
      ...everywhere,
    },
    examples: ["hadron cache export /media/stick/hadron --toolchain", "hadron build --cache-from /media/stick/hadron"],
  },
  doctor: {
    summary: "Check that this machine has what Hadron needs, and say what mends it",
    arguments: {},
    options: { mirror: origin.mirror, ...everywhere },
    examples: ["hadron doctor"],
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof commandTable;

export type Input<Name extends CommandName> = InputOf<(typeof commandTable)[Name]>;
