import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { plainText, projectRoot } from "../../src/base/mod.ts";
import { removeTree } from "../../src/engine/mod.ts";
import type { RunningCommand } from "../e2e/support/hadron-command.ts";
import { startRegistry } from "../e2e/support/registry.ts";
import { startOnTerminal, typed } from "../e2e/support/terminal.ts";
import { runCommand } from "./command.ts";
import type { Measured } from "./figure.ts";
import { benchFolder } from "./timings.ts";

const limitSeconds = 900;

/**
 * A machine that has nothing of ours: the clone of what is committed, npm's packages, the toolbox from a Debian mirror, signed outputs of all
 * steps that the disk takes from a registry on this machine, and then a system that is running in a VM.
 */
export async function measureClone(): Promise<Measured[]> {
  const folder = join(benchFolder, "clone");
  await removeTree(folder);
  const [key, checkout] = [join(folder, "cache.key"), join(folder, "checkout")];
  await using registry = await startRegistry(join(folder, "registry"));
  const cache = `oci://${registry.host}/cache`;
  runCommand(["./hadron", "keys", "new", key]);
  runCommand(
    ["./hadron", "image", "cloud", "--as", "disk", "--output", join(folder, "cloud.raw"), "--cache-to", cache],
    { env: { HADRON_CACHE_KEY: key, HADRON_PLAIN_HTTP: registry.host } },
  );
  const environment = {
    HADRON_CACHE: join(folder, "cache"),
    HADRON_CACHE_FROM: cache,
    HADRON_CACHE_TRUST: join(folder, "cache.pub"),
    HADRON_PLAIN_HTTP: registry.host,
  };
  const words = Object.entries(environment).map(([name, value]) => typed(`${name}=${value}`));
  const started = performance.now();
  runCommand(["git", "clone", "--quiet", projectRoot, checkout]);
  const machine = await startOnTerminal(`env ${words.join(" ")} make -C ${typed(checkout)} run-qemu`);
  try {
    await untilSaid(machine, /automatic login|# $/);
    machine.write("systemctl is-system-running --wait; echo end-$((40+2))\r");
    await untilSaid(machine, /^end-42/m);
    const seconds = (performance.now() - started) / 1000;
    if (!/^running$/m.test(plainText(machine.stdout()))) throw new Error(`It is not running:${endOf(machine)}`);
    return [{ what: "clone and cache to a running system", unit: "s", reach: 180, value: seconds }];
  } finally {
    // QEMU's key for it, as a user would end it.
    machine.write("\x1d");
    await Promise.race([machine.ended, sleep(10_000)]);
    machine.signal("SIGKILL");
    await removeTree(folder);
  }
}

async function untilSaid(machine: RunningCommand, what: RegExp): Promise<void> {
  for (const start = performance.now(); !what.test(plainText(machine.stdout())); await sleep(100))
    if (machine.hasEnded() || performance.now() - start > limitSeconds * 1000)
      throw new Error(`Waited for ${what}:${endOf(machine)}`);
}

function endOf(machine: RunningCommand): string {
  return `\n${plainText(machine.stdout()).split("\n").slice(-30).join("\n")}${machine.stderr()}`;
}
