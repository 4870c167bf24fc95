import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot, type ProcessOptions, type ProcessResult, runProcess } from "../../../src/base/mod.ts";
import { ensureToolboxSet } from "../../../src/engine/mod.ts";
import { bubblewrapCommand } from "../../../src/engine/sandbox/sandbox.ts";
import { rootNeeded } from "../../root-needed.ts";

const secondKind = "/sys/fs/cgroup/unified";

/** What engines write; as much as all images unpacked, several times over. */
const state = ["containers", "docker", "containerd"];

export interface JudgeOptions extends Pick<ProcessOptions, "terminal"> {
  /** `"host"`: this machine's, for a registry on its loopback. Default none. */
  network?: "none" | "host";
}

/**
 * Runs a bash script with the toolbox set `containers` as its root, `work` at /work, and this machine's /sys for control groups.
 * Container engines mount and change owners: it takes root, and has no network
 * unless it is asked for.
 * @throws Error where this user is not root
 */
export async function containerJudge(
  work: string,
  script: string,
  { terminal, network = "none" }: JudgeOptions = {},
): Promise<ProcessResult> {
  const refusal = rootNeeded(process.getuid?.());
  if (refusal !== undefined) throw new Error(refusal);
  const options = { cacheRoot: cacheRoot() };
  const tree = (await ensureToolboxSet("containers", options)).path;
  const [program, ...prefix] = bubblewrapCommand((await ensureToolboxSet("sandbox", options)).path);
  for (const name of [...state, "tmp"]) await mkdir(join(work, "state", name), { recursive: true });
  const environment = {
    PATH: "/usr/bin:/usr/sbin",
    HOME: "/run",
    LC_ALL: "C.UTF-8",
    // Podman 5 warns of control groups of the first kind, which hosts may still have.
    PODMAN_IGNORE_CGROUPSV1_WARNING: "1",
  };
  const bind = (name: string, to: string) => ["--bind", join(work, "state", name), to];
  return runProcess(
    program,
    [
      ...prefix,
      ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--clearenv"],
      ...(network === "none" ? ["--unshare-net"] : []),
      ...Object.entries(environment).flatMap(([name, value]) => ["--setenv", name, value]),
      ...["--ro-bind", tree, "/", "--proc", "/proc", "--dev", "/dev", "--dev-bind", "/sys", "/sys"],
      // crun refuses a machine that has control groups of both kinds; those of the first kind alone will do.
      ...(existsSync(secondKind) ? ["--tmpfs", secondKind] : []),
      ...["--tmpfs", "/run", "--tmpfs", "/tmp", "--tmpfs", "/etc/docker", "--bind", work, "/work"],
      ...bind("tmp", "/var/tmp"),
      ...state.flatMap((name) => bind(name, `/var/lib/${name}`)),
      ...["--chdir", "/work", "--", "/bin/bash", "--norc", "-euo", "pipefail", "-c", script],
    ],
    { env: {}, ...(terminal === undefined ? {} : { terminal }) },
  );
}

/** Standard output of a script that must succeed. */
export async function askContainerJudge(work: string, script: string, options: JudgeOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await containerJudge(work, script, options);
  if (exitCode !== 0) throw new Error(`"${script}" ended with status ${exitCode}: ${stderr}${stdout}`);
  return stdout.trim();
}

/** Frees what the engines keep. */
export async function forgetContainers(work: string): Promise<void> {
  await rm(join(work, "state"), { recursive: true, force: true });
}

/**
 * Lines of a judge's script that start a Docker engine, and say why where it does not.
 * @param name Of its socket, `/run/<name>.sock`; without one it is where clients look
 * @param options More words for dockerd
 */
export function startDockerd({ name = "docker", options = [] }: { name?: string; options?: string[] } = {}): string {
  const words = [
    ...["--iptables=false", "--ip6tables=false", "--bridge=none", `--data-root=/var/lib/docker/${name}`],
    ...[`--exec-root=/run/${name}`, `--pidfile=/run/${name}.pid`, "-H", `unix:///run/${name}.sock`, ...options],
  ];
  const info = `docker -H unix:///run/${name}.sock info > /dev/null 2>&1`;
  return [
    `dockerd ${words.join(" ")} > /work/${name}.log 2>&1 &`,
    `for attempt in $(seq 60); do ! ${info} || break; sleep 1; done`,
    `${info} || { tail -n 40 /work/${name}.log; exit 1; }`,
    "",
  ].join("\n");
}
