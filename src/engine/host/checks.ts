import { join } from "node:path";
import { programName } from "../../base/mod.ts";
import { accelerationFile, rememberedAcceleration } from "../../vm/mod.ts";
import type { Check, Finding } from "./check.ts";
import { cpuCount } from "./this-host.ts";
import { userNamespaces } from "./user-namespaces.ts";

/** Bytes. What a build from source with all its sources and outputs takes, rounded up. */
const neededDisk = 20e9;
/** Bytes. The compiler and the kernel at two jobs, with some room. */
const neededMemory = 3e9;

const linux: Check = {
  name: "linux",
  why: "Steps run in Linux namespaces",
  look: async ({ platform }) =>
    platform === "linux"
      ? { state: "ok", found: "Linux" }
      : { state: "missing", found: platform, mend: "Use a Linux machine or virtual machine" },
};

const architecture: Check = {
  name: "architecture",
  why: "The toolbox has programs for x86_64",
  look: async ({ machine }) =>
    machine === "x86_64"
      ? { state: "ok", found: machine }
      : { state: "missing", found: machine, mend: "Use an x86_64 machine; the toolbox is pinned for it alone" },
};

/** The command that installs a package, by what it is called in distributions of two families. */
function install({ apt, dnf }: { apt: string; dnf: string }): string {
  return `sudo apt install ${apt} (Debian, Ubuntu), sudo dnf install ${dnf} (Fedora and its kin), or as your distribution has it`;
}

/** A program that must be on the host; everything else comes with the toolbox. */
function program(name: string, why: string, packages: Parameters<typeof install>[0]): Check {
  return {
    name,
    why,
    look: async (host) => {
      const path = await host.which(name);
      return path ? { state: "ok", found: path } : { state: "missing", found: "Not on PATH", mend: install(packages) };
    },
  };
}

const tar: Check = {
  name: "tar",
  why: "Unpacks the toolbox, with options that only GNU tar has",
  look: async (host) => {
    const path = await host.which("tar");
    const mend = install({ apt: "tar", dnf: "tar" });
    if (!path) return { state: "missing", found: "Not on PATH", mend };
    const [version = ""] = (await host.run(path, ["--version"])).output.split("\n");
    return version.includes("GNU tar")
      ? { state: "ok", found: `${path} ${version}` }
      : { state: "missing", found: `${path} is not GNU tar: ${version || "it says no version"}`, mend };
  },
};

const newerNode = `${install({ apt: "nodejs npm", dnf: "nodejs nodejs-npm" })}; where that is older than Node 20, from https://nodejs.org/`;

const node: Check = {
  name: "node",
  why: "Installs the Node that Hadron runs on",
  look: async (host) => {
    const path = await host.which("node");
    if (!path) return { state: "missing", found: "Not on PATH", mend: newerNode };
    const version = (await host.run(path, ["--version"])).output;
    return Number(/^v(\d+)/.exec(version)?.[1]) >= 20
      ? { state: "ok", found: `${path} ${version}` }
      : { state: "missing", found: `${path} ${version}`, mend: newerNode };
  },
};

const disk: Check = {
  name: "disk",
  why: "Sources, toolbox and step outputs are kept in the cache",
  look: async (host) => {
    const free = await host.freeBytes(host.cacheRoot);
    const found = `${gigabytes(free)} free for ${host.cacheRoot}`;
    return free >= neededDisk
      ? { state: "ok", found }
      : {
          state: "warning",
          found,
          mend: `A full build takes ${gigabytes(neededDisk)}: set HADRON_CACHE to a larger disk, or free some with ${programName()} store gc --older-than 7`,
        };
  },
};

const cache: Check = {
  name: "cache",
  why: "Outputs are written there",
  look: async (host) => {
    let path = host.cacheRoot;
    while (!(await host.exists(path)) && path !== "/") path = join(path, "..");
    return (await host.isWritable(path))
      ? { state: "ok", found: host.cacheRoot }
      : {
          state: "missing",
          found: `${path} is not writable`,
          mend: `Set HADRON_CACHE to a folder of yours, or: sudo chown -R "$(id -u)" ${path}`,
        };
  },
};

const memory: Check = {
  name: "memory",
  why: "Compilers",
  look: async (host) => {
    const found = `${gigabytes(host.memory.available)} of ${gigabytes(host.memory.total)} available, ${cpuCount()} CPUs`;
    return host.memory.available >= neededMemory
      ? { state: "ok", found }
      : { state: "warning", found, mend: `Build with fewer jobs: ${programName()} build --jobs 1` };
  },
};

const mirror: Check = {
  name: "debian-mirror",
  why: "The toolbox's packages, and sources whose upstream can't be reached",
  look: async ({ debianMirrors, hasEverything }) => {
    if (debianMirrors.length > 0) return { state: "ok", found: debianMirrors.join(" ") };
    const none = "Neither --mirror, nor HADRON_DEBIAN_MIRROR, nor apt on this machine names one";
    const mend = "export HADRON_DEBIAN_MIRROR=URL, with a mirror near you out of https://www.debian.org/mirror/list";
    return hasEverything
      ? { state: "warning", found: `${none}; all that the locks pin is in the cache already`, mend }
      : { state: "missing", found: none, mend };
  },
};

const kvm: Check = {
  name: "kvm",
  why: "Virtual machines run an order of magnitude faster with it",
  look: async (host): Promise<Finding> => {
    if (!(await host.exists("/dev/kvm")))
      return {
        state: "warning",
        found: "No /dev/kvm: virtual machines are emulated (TCG), which is slow but works",
        mend: "Load the module (sudo modprobe kvm_intel, or kvm_amd), or allow nested virtualisation",
      };
    if (!(await host.isWritable("/dev/kvm")))
      return {
        state: "warning",
        found: "/dev/kvm is there, but this user may not open it",
        mend: 'sudo usermod -aG kvm "$USER", then log in again',
      };
    const remembered = await rememberedAcceleration(host.cacheRoot, host.readText);
    if (remembered?.accel === "tcg")
      return {
        state: "warning",
        found: `/dev/kvm opens, but virtual machines are emulated (TCG): ${remembered.why}`,
        mend: `Allow nested virtualisation on the host of this machine. To have it tried again: rm ${accelerationFile(host.cacheRoot)}`,
      };
    const found = remembered?.why ?? `/dev/kvm opens; ${programName()} run tries whether it really works`;
    return { state: "ok", found };
  },
};

/** In the order in which they are shown. */
export const hostChecks: Check[] = [
  linux,
  architecture,
  userNamespaces,
  node,
  program("npm", "Installs Hadron's own dependencies", { apt: "npm", dnf: "nodejs-npm" }),
  program("make", "The Makefile's short commands", { apt: "make", dnf: "make" }),
  tar,
  program("xz", "Unpacks the toolbox", { apt: "xz-utils", dnf: "xz" }),
  cache,
  disk,
  memory,
  mirror,
  kvm,
];

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 10e9 ? 1 : 0)} GB`;
}
