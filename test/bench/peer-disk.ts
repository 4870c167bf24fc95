import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, projectRoot, runProcess } from "../../src/base/mod.ts";
import { ensureToolboxSet, readToolboxLock, updateToolboxLock } from "../../src/engine/mod.ts";
import { bubblewrapCommand } from "../../src/engine/sandbox/sandbox.ts";
import { guestAgent } from "../../src/vm/mod.ts";
import { runCommand } from "./command.ts";
import { countExecutables, countKernelOptions, usrBytes } from "./image-figures.ts";
import { peerSets } from "./peer-set.ts";
import { benchFolder } from "./timings.ts";

/** Another system to compare with: what a VM boots it from, and what can be counted in it. */
export interface PeerDisk {
  release: string;
  disk: string;
  kernel: string;
  initrd: string;
  /** MB of 10⁶ bytes. */
  usr: number;
  executables: number;
  kernelOptions: number;
}

/** The console is the same as ours, and as quiet: what is written to it takes time. */
export const peerCommandLine = "root=/dev/vda ro quiet systemd.show_status=auto console=tty0 console=ttyS0,115200";

const initialised = "lazy_itable_init=0,lazy_journal_init=0";

const lockPath = join(projectRoot, "peer.lock.json");

/** Pins the packages of Debian as they are now. */
export async function updatePeer(): Promise<void> {
  await updateToolboxLock({ path: lockPath, sets: peerSets });
}

/**
 * Makes the disk: packages unpacked, what their scripts would have done, an ext4 file system by the system's own mke2fs.
 * Everything runs in the system's own tree, as root of a user namespace: it takes no privileges.
 */
export async function makePeerDisk(): Promise<PeerDisk> {
  const options = { cacheRoot: cacheRoot(), lock: await readToolboxLock(lockPath), sets: peerSets };
  const { path: packages } = await ensureToolboxSet("peer", options);
  const folder = join(benchFolder, "peer");
  const tree = join(folder, "tree");
  const parts = join(folder, "parts");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  runCommand(["cp", "-a", packages, tree]);
  installAgent(tree);
  const script = readFileSync(join(import.meta.dirname, "peer-tree.sh"), "utf8");
  await runInTree(["--bind", tree, "/", "--bind", parts, "/mnt"], ["/bin/bash", "-euo", "pipefail", "-c", script]);
  await runInTree(
    // Not into itself: the tree must be as it lies on the disk, without what is mounted here.
    ["--ro-bind", packages, "/", "--ro-bind", tree, "/srv", "--bind", parts, "/mnt"],
    // Nor half-made: Linux would write the rest of the inode tables while the machine is looked at.
    ["/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-E", initialised, "-d", "/srv", "/mnt/disk.raw", "4G"],
  );
  return {
    release: /^VERSION_ID="?([\d.]+)/m.exec(readFileSync(join(tree, "usr/lib/os-release"), "utf8"))?.[1] ?? "",
    disk: join(parts, "disk.raw"),
    kernel: join(parts, "kernel"),
    initrd: join(parts, "initrd"),
    usr: usrBytes(tree) / 1e6,
    executables: countExecutables(tree),
    kernelOptions: countKernelOptions(readFileSync(join(parts, "config"), "utf8")),
  };
}

/** The agent lies on the disk: whether another kernel hands credentials over is not what is measured. */
function installAgent(tree: string): void {
  const { "hadron.agent": program, "systemd.extra-unit.hadron-agent.service": unit } = guestAgent();
  const handedOver = "/run/credentials/@system/hadron.agent";
  if (program === undefined || unit === undefined || !String(unit).includes(handedOver))
    throw new Error("The agent's credentials are not what they were");
  mkdirSync(join(tree, "usr/local/lib"), { recursive: true });
  mkdirSync(join(tree, "etc/systemd/system"), { recursive: true });
  writeFileSync(join(tree, "usr/local/lib/hadron-agent"), program);
  writeFileSync(
    join(tree, "etc/systemd/system/hadron-agent.service"),
    `${String(unit).replace(handedOver, "/usr/local/lib/hadron-agent")}[Install]\nWantedBy=multi-user.target\n`,
  );
}

async function runInTree(mounts: string[], command: string[]): Promise<void> {
  const { path } = await ensureToolboxSet("sandbox", { cacheRoot: cacheRoot() });
  const [program, ...prefix] = bubblewrapCommand(path);
  const { exitCode, stdout, stderr } = await runProcess(program, [
    ...prefix,
    ...["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--uid", "0", "--gid", "0"],
    // bubblewrap gives up all capabilities even of the namespace's own root, whom depmod and mkinitramfs expect to be.
    ...["--unshare-user", "--cap-add", "ALL"],
    ...mounts,
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run", "--tmpfs", "/tmp", "--"],
    ...command,
  ]);
  if (exitCode !== 0) throw new Error(`"${command[0]}" ended with status ${exitCode}\n${stdout}${stderr}`);
}
