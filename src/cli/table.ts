import {
  attachments,
  building,
  cacheSigning,
  everywhere,
  imageTarget,
  origin,
  registry,
  signing,
  target,
  testKeys,
  unsignedIndex,
} from "./shared-options.ts";
import type { CommandSpec, InputOf } from "./table-types.ts";
import { trustTable } from "./trust-table.ts";

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
      ...signing,
      ...everywhere,
    },
    examples: ["hadron build", "hadron build zlib openssl --jobs 4", "hadron build busybox --shell"],
  },
  image: {
    summary: "Build an image and write one artifact of it",
    arguments: { image: { default: "cloud", summary: "A name in images/" } },
    options: {
      as: {
        kind: "text",
        value: "KIND",
        choices: ["disk", "qcow2", "uki", "iso", "oci", "oci-archive", "docker-archive", "sysext", "confext"],
        required: true,
        unless: "sizeReport",
        summary: "Raw disk, qcow2 disk, unified kernel image, live ISO, a container image, or an extension",
      },
      output: {
        kind: "path",
        value: "PATH",
        required: true,
        unless: "sizeReport",
        summary: "File to write, for oci a folder; appears only when it is whole",
      },
      sizeReport: {
        kind: "flag",
        summary: "Instead of an artifact: bytes of /usr by component, with --output FILE.html as a treemap as well",
      },
      attach: {
        kind: "text",
        value: "WHEN",
        choices: ["yes", "no"],
        default: "yes",
        summary:
          "Write what is known of it as well, beside a file or attached in an image layout: bills of materials, provenance",
      },
      builder: {
        kind: "text",
        value: "URI",
        env: "HADRON_BUILDER",
        default: "urn:hadron:builder:local",
        summary: "Who builds, as the provenance calls them",
      },
      cache: {
        kind: "text",
        value: "WHEN",
        choices: ["yes", "no"],
        default: "yes",
        summary: "no: assemble again although the artifact is in the store",
      },
      ...building,
      ...imageTarget,
      from: {
        kind: "text",
        value: "IMAGE",
        summary: "Make the disk of this container image, or the extension of this folder (sources: $HADRON_SOURCES)",
      },
      name: {
        kind: "text",
        value: "NAME",
        summary: "Name of the extension; by default that of the file, without .raw",
      },
      ...signing,
      ...everywhere,
    },
    examples: [
      "hadron image cloud --as disk --output cloud.raw",
      "hadron image cloud --as iso --output cloud.iso",
      "hadron image cloud --as oci --output cloud.oci",
      "hadron image cloud --from node.oci --as disk --output node.raw",
      "hadron image --as sysext --from files --output tools.raw",
      "hadron image edge --module-key ~/hadron-keys/modules.pem --as disk --output edge.raw",
      "hadron image cloud --size-report --output sizes.html",
    ],
  },
  digests: {
    summary: "List the digests of images' artifacts and of all steps behind them, or compare with a list",
    arguments: {
      image: {
        repeat: true,
        optional: true,
        summary: "Names in images/; those of the list, or all, where none is given",
      },
    },
    options: {
      compare: {
        kind: "path",
        value: "FILE",
        summary:
          "Build the same, and say what differs from this list, such as a release's; status 5 where anything does",
      },
      key: {
        kind: "text",
        value: "FILE",
        repeat: true,
        env: "HADRON_VERIFY_KEYS",
        summary: "Public key that is trusted: compare only with a list that one of these has signed",
      },
      output: { kind: "path", value: "FILE", summary: "Write the list; the same everywhere for the same commit" },
      sign: {
        kind: "text",
        value: "KEY",
        summary: "Private key that signs the list, as hadron sign does: a file, or pkcs11:…",
      },
      ...building,
      ...imageTarget,
      ...signing,
      ...everywhere,
    },
    examples: [
      "hadron digests cloud --output cloud.digests --sign release.key",
      "hadron digests --compare cloud.digests --key release.pub",
    ],
  },
  run: {
    summary: "Boot an image in a virtual machine, with a root shell on its serial console",
    arguments: { image: { default: "cloud", summary: "A name in images/" } },
    options: {
      memory: { kind: "size", value: "SIZE", least: "64M", default: "1G", summary: "Memory of the machine" },
      cpus: { kind: "count", value: "N", default: "2", summary: "CPUs of the machine" },
      disk: {
        kind: "path",
        value: "PATH",
        summary: "Disk to keep; made from the image where missing, with --iso empty. Else changes are forgotten",
      },
      diskSize: { kind: "size", value: "SIZE", default: "4G", summary: "Size of a disk that is made" },
      iso: { kind: "flag", summary: "Boot the live ISO instead of the disk" },
      sshPort: { kind: "port", value: "PORT", summary: "Port of this machine that leads to the guest's port 22" },
      headless: { kind: "flag", summary: "Don't read the terminal; only show the console" },
      bootChart: {
        kind: "path",
        value: "FILE.svg",
        summary: "Boot, write systemd-analyze's plot of it, say how long each part took, and power off",
      },
      cmdline: { kind: "text", value: "WORDS", repeat: true, summary: "Words to add to the kernel command line" },
      credential: { kind: "text", value: "NAME=VALUE", repeat: true, summary: "A systemd credential for the guest" },
      ...building,
      ...imageTarget,
      ...signing,
      ...everywhere,
    },
    examples: [
      "hadron run",
      "hadron run cloud --memory 2G --ssh-port 2222",
      "hadron run --credential system.hostname=node1",
      "hadron run --boot-chart boot.svg",
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
    summary: "Say what needs a component, or which component a file of the OS comes from, and what it costs",
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
      as: {
        kind: "text",
        value: "FORMAT",
        choices: ["text", "json", "dot", "dockerfile"],
        default: "text",
        summary: "Format; dockerfile: for a build by Docker (BuildKit), a stage for each step",
      },
      output: {
        kind: "text",
        value: "FOLDER",
        summary: "dockerfile: write it there with all that it takes, which is fetched if need be",
      },
      fromStore: {
        kind: "flag",
        summary: "dockerfile: hand over outputs that the store has, instead of making them again",
      },
      ...origin,
      ...everywhere,
    },
    examples: [
      "hadron graph busybox",
      "hadron graph --as dot | dot -Tsvg -o graph.svg",
      "hadron graph zlib --as dockerfile --output out/docker",
    ],
  },
  sources: {
    summary: "List, fetch, check, update or bundle the pinned sources",
    arguments: {
      action: { choices: ["list", "fetch", "verify", "update", "bundle"], default: "list", summary: "What to do" },
      source: { repeat: true, optional: true, summary: "Names; all where none is given" },
    },
    options: {
      offline: { ...origin.offline, only: ["fetch", "bundle"] },
      requireUpstream: { ...origin.requireUpstream, only: ["fetch", "bundle"] },
      mirror: { ...origin.mirror, only: ["fetch", "update", "bundle"] },
      from: { ...origin.from, only: ["fetch", "bundle"] },
      signatures: {
        kind: "flag",
        only: ["update"],
        summary:
          "Look for nothing newer: check upstreams' signatures of what is pinned, and note in the lock who signed",
      },
      acceptKey: {
        kind: "text",
        value: "FINGERPRINT",
        repeat: true,
        only: ["update"],
        summary: "Let this key sign, although another did so far",
      },
      acceptUnsigned: {
        kind: "flag",
        only: ["update"],
        summary: "Take what has no good signature, although the version before had one",
      },
      image: { kind: "text", value: "IMAGE", only: ["bundle"], summary: "Only what this image is built from" },
      arch: { ...imageTarget.arch, only: ["bundle"] },
      output: {
        kind: "path",
        value: "PATH",
        only: ["bundle"],
        summary: "Where the corresponding source goes that licences ask for: FILE.tar, or a new folder",
      },
      ...unsignedIndex,
      ...everywhere,
    },
    examples: [
      "hadron sources",
      "hadron sources fetch",
      "hadron sources update zlib",
      "hadron sources bundle --image cloud --output cloud-sources.tar",
    ],
  },
  toolbox: {
    summary: "List, fetch or update the pinned packages that steps run in, or print where they are",
    arguments: { action: { choices: ["list", "fetch", "update", "path"], default: "list", summary: "What to do" } },
    options: {
      set: {
        kind: "text",
        value: "SET",
        choices: ["browser", "build", "containers", "emulate", "judges", "sandbox", "signing", "vm"],
        repeat: true,
        only: ["list", "fetch", "path"],
        summary: "Only this set of packages",
      },
      mirror: { ...origin.mirror, only: ["fetch", "update"] },
      offline: { ...origin.offline, only: ["fetch"] },
      ...unsignedIndex,
      ...everywhere,
    },
    examples: ["hadron toolbox fetch", "hadron toolbox path --set vm"],
  },
  store: {
    summary: "Look at, check, clean or add to the store of step outputs",
    arguments: {
      action: { choices: ["list", "path", "verify", "gc", "import"], default: "list", summary: "What to do" },
      archive: { optional: true, summary: "import: what a build by Docker brought out, a tar file" },
    },
    options: {
      arch: { ...target.arch, only: ["import"] },
      remove: { kind: "flag", only: ["verify"], summary: "Remove damaged outputs, so that they are built again" },
      olderThan: {
        kind: "number",
        value: "DAYS",
        only: ["gc"],
        summary: "Remove what was not used for so many days: outputs, and (after a day by default) what no lock names",
      },
      maxSize: {
        kind: "size",
        value: "SIZE",
        only: ["gc"],
        summary: "Remove the outputs unused for longest until the others take no more of the disk",
      },
      ...everywhere,
    },
    examples: [
      "hadron store verify",
      "hadron store gc --older-than 30",
      "hadron store gc --max-size 20G",
      "hadron store import outputs.tar",
    ],
  },
  cache: {
    summary: "Export step outputs for other machines",
    arguments: {
      action: { choices: ["export"], summary: "What to do" },
      to: { summary: "Folder for an OCI image layout, or oci://HOST/NAME; what is there already is kept" },
    },
    options: {
      toolchain: { kind: "flag", summary: "Only the toolchain" },
      ...cacheSigning,
      ...testKeys,
      ...target,
      mirror: origin.mirror,
      ...registry,
      ...everywhere,
    },
    examples: [
      "hadron cache export /media/stick/hadron --toolchain",
      "hadron cache export oci://registry.example/hadron/cache --cache-key cache.key",
      "hadron build --cache-from oci://registry.example/hadron/cache --cache-trust cache.pub",
    ],
  },
  push: {
    summary: "Send an image, index or artifact of an OCI layout to a registry",
    arguments: {
      layout: { summary: "The layout's folder, or FOLDER:TAG" },
      reference: { summary: "Where to: HOST/NAME:TAG" },
    },
    options: { ...attachments, ...registry, ...everywhere },
    examples: [
      "hadron push out/cloud.oci registry.example/hadron/cloud:0.1.0",
      "hadron push out/cloud.oci 127.0.0.1:5000/cloud:dev --plain-http 127.0.0.1:5000",
    ],
  },
  pull: {
    summary: "Bring an image, index or artifact from a registry into an OCI layout",
    arguments: {
      reference: { summary: "What: HOST/NAME:TAG or HOST/NAME@sha256:…" },
      layout: { summary: "The layout's folder; what is in it already is kept" },
    },
    options: { ...attachments, ...registry, ...everywhere },
    examples: ["hadron pull registry.example/hadron/cloud:0.1.0 out/cloud.oci"],
  },
  inspect: {
    summary: "Say what an image, index or artifact in a registry or an OCI layout is, and what is attached to it",
    arguments: { subject: { summary: "HOST/NAME:TAG, or a layout's folder, or FOLDER:TAG" } },
    options: { ...registry, ...everywhere },
    examples: ["hadron inspect registry.example/hadron/cloud:0.1.0", "hadron inspect out/cloud.oci --json"],
  },
  ...trustTable,
  doctor: {
    summary: "Check that this machine has what Hadron needs, and say what mends it",
    arguments: {},
    options: { mirror: origin.mirror, ...everywhere },
    examples: ["hadron doctor"],
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof commandTable;

export type Input<Name extends CommandName> = InputOf<(typeof commandTable)[Name]>;
