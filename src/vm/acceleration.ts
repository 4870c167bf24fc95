import { constants } from "node:fs";
import { access, readFile, truncate, writeFile } from "node:fs/promises";
import { arch as hostArch } from "node:os";
import { join } from "node:path";
import { HadronError, messageOf, writeFileAtomic } from "../base/mod.ts";
import { exitingBootSector } from "./boot-sector.ts";
import type { Architecture, Tools } from "./options.ts";
import { startVm } from "./start-vm.ts";
import { makeWorkFolder } from "./work-folder.ts";

export interface Acceleration {
  accel: "kvm" | "tcg";
  /** A sentence's part for people: "KVM ran a boot sector in 0.2 s". */
  why: string;
}

/** What the decision needs to know of the world; tests bring their own. */
export interface AccelerationProbe {
  /** Undefined when /dev/kvm can be opened, else why not. */
  kvmObstacle(): Promise<string | undefined>;
  /** Seconds from power-on until a boot sector ended QEMU; throws when it takes longer than the limit, or fails. */
  bootSeconds(accel: "kvm" | "tcg", limitSeconds: number): Promise<number>;
}

const tcgLimit = 30;
const bootIdFile = "/proc/sys/kernel/random/boot_id";

/** Where the answer of a trial is kept; without it the trial is made again. */
export function accelerationFile(cacheRoot: string): string {
  return join(cacheRoot, "vm-acceleration.json");
}

/**
 * A /dev/kvm that opens may yet hang every guest (nested virtualisation of some clouds), so KVM must run the boot sector
 * in a time of the order that emulation takes on this machine right now.
 */
export async function decideAcceleration(probe: AccelerationProbe): Promise<Acceleration> {
  const obstacle = await probe.kvmObstacle();
  if (obstacle !== undefined) return { accel: "tcg", why: obstacle };
  const emulated = await probe.bootSeconds("tcg", tcgLimit);
  const limit = 2 * emulated + 1;
  try {
    const seconds = await probe.bootSeconds("kvm", limit);
    return { accel: "kvm", why: `KVM ran a boot sector in ${seconds.toFixed(1)} s` };
  } catch (error) {
    const isLate = error instanceof HadronError && error.code === "VM_TIMEOUT";
    const problem = isLate ? `not done after ${limit.toFixed(1)} s` : lastWords(error);
    return {
      accel: "tcg",
      why: `KVM failed a boot sector that emulation runs in ${emulated.toFixed(1)} s: ${problem}`,
    };
  }
}

/**
 * Finds out whether KVM can be used; the answer of a trial is remembered until this machine boots again.
 * @param options.cacheRoot Where to remember it; see {@link accelerationFile}
 */
export async function probeAcceleration(options: {
  tools: Tools;
  cacheRoot: string;
  /** The guest's; default x86_64. */
  arch?: Architecture;
}): Promise<Acceleration> {
  const obstacle = await kvmObstacle(options.arch ?? "x86_64");
  if (obstacle !== undefined) return { accel: "tcg", why: obstacle };
  const readText = (path: string) => readFile(path, "utf8").catch(() => undefined);
  const remembered = await rememberedAcceleration(options.cacheRoot, readText);
  if (remembered) return remembered;
  const boot = (await readFile(bootIdFile, "utf8")).trim();
  const found = await decideAcceleration({
    kvmObstacle: async () => undefined,
    bootSeconds: (accel, limit) => bootSeconds(options.tools, accel, limit),
  });
  await writeFileAtomic(accelerationFile(options.cacheRoot), `${JSON.stringify({ boot, ...found })}\n`);
  return found;
}

async function kvmObstacle(guest: Architecture): Promise<string | undefined> {
  const host = { x64: "x86_64", arm64: "aarch64" }[hostArch() as string];
  if (host !== guest) return `a guest of ${guest} on a machine of ${host ?? hostArch()} is emulated`;
  // The trial is a BIOS boot sector.
  if (guest !== "x86_64") return `KVM is only tried for x86_64`;
  return access("/dev/kvm", constants.R_OK | constants.W_OK).then(
    () => undefined,
    (error: unknown) => `/dev/kvm can't be opened (${messageOf(error)})`,
  );
}

function lastWords(error: unknown): string {
  const detail = error instanceof HadronError ? error.detail : undefined;
  return (
    detail
      ?.split("\n")
      .at(-1)
      ?.replace(/^[ |]*/, "") ?? messageOf(error)
  );
}

/**
 * What a trial found since this machine booted; undefined where there was none.
 * @param readText A whole file; undefined where it can't be read
 */
export async function rememberedAcceleration(
  cacheRoot: string,
  readText: (path: string) => Promise<string | undefined>,
): Promise<Acceleration | undefined> {
  const now = (await readText(bootIdFile))?.trim();
  try {
    const text = (await readText(accelerationFile(cacheRoot))) ?? "";
    const { boot, accel, why } = JSON.parse(text) as Record<string, unknown>;
    const isKnown = boot === now && (accel === "kvm" || accel === "tcg");
    return isKnown ? { accel, why: String(why) } : undefined;
  } catch {
    return undefined;
  }
}

async function bootSeconds(tools: Tools, accel: "kvm" | "tcg", limit: number): Promise<number> {
  await using folder = await makeWorkFolder();
  const path = join(folder.path, "boot-sector");
  await writeFile(path, exitingBootSector());
  // The BIOS refuses a disk of less than a cylinder.
  await truncate(path, 4 * 1024 * 1024);
  await using vm = await startVm({
    tools,
    accel,
    name: `trial of ${accel}`,
    memory: 64,
    cpus: 1,
    firmware: "bios",
    network: false,
    debugExit: true,
    startSeconds: 10,
    disks: [{ path, format: "raw", readonly: true }],
  });
  const started = performance.now();
  const { reason, code } = await vm.waitForExit({ seconds: limit });
  if (reason !== "debug-exit") throw new Error(`the trial ended by ${reason}, status ${code}`);
  return (performance.now() - started) / 1000;
}
