import { HadronError, programName } from "../../base/mod.ts";
import { apparmorMend, profilePath } from "./apparmor.ts";
import type { Check, Finding } from "./check.ts";
import type { Host } from "./host.ts";

const maximum = "/proc/sys/user/max_user_namespaces";
const debianSwitch = "/proc/sys/kernel/unprivileged_userns_clone";
const apparmorSwitch = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";

/** Whether bubblewrap can make the namespaces that steps run in: tried first, explained by the kernel's settings if not. */
export const userNamespaces: Check = {
  name: "user-namespaces",
  why: "Steps run in bubblewrap, without root",
  look: async (host) => {
    const trial = await tryNamespaces(host);
    if (trial.state === "works") return { state: "ok", found: trial.how };
    const reason = await explain(host);
    // Without the toolbox only the host's own unshare could be tried, and a profile for our bubblewrap doesn't serve that.
    if (reason?.setting === apparmorSwitch && !host.bubblewrap && (await host.exists(profilePath)))
      return { state: "ok", found: `Restricted by AppArmor, with a profile for Hadron in ${profilePath}` };
    if (reason) return { state: "missing", found: reason.found, mend: reason.mend };
    if (trial.state === "untried")
      return {
        state: "warning",
        found: "Can't be tried: neither the toolbox's bubblewrap nor unshare is there",
        mend: `${programName()} toolbox fetch, then ${programName()} doctor again`,
      };
    return {
      state: "missing",
      found: `Making a user namespace fails: ${trial.output.split("\n")[0]}`,
      mend: await mendOfUnknown(host),
    };
  },
};

/**
 * Throws unless steps can be sandboxed here.
 * @throws HadronError `HOST_NOT_LINUX` or `HOST_NO_USER_NAMESPACES`, with the command that mends it as the hint
 */
export async function assertCanSandbox(host: Host): Promise<void> {
  if (host.platform !== "linux")
    throw new HadronError(`Hadron builds on Linux, and this is "${host.platform}"`, {
      kind: "host",
      code: "HOST_NOT_LINUX",
      hint: "Use a Linux machine or virtual machine",
    });
  const finding: Finding = await userNamespaces.look(host);
  if (finding.state !== "missing") return;
  throw new HadronError(`Steps can't be sandboxed on this machine. ${finding.found}`, {
    kind: "host",
    code: "HOST_NO_USER_NAMESPACES",
    hint: finding.mend ?? `${programName()} doctor says what this machine lacks`,
  });
}

type Trial = { state: "works"; how: string } | { state: "fails"; output: string } | { state: "untried" };

async function tryNamespaces(host: Host): Promise<Trial> {
  if (host.bubblewrap) {
    const [program, ...prefix] = host.bubblewrap;
    const isolate = ["--unshare-all", "--uid", "1000", "--gid", "1000", "--ro-bind", "/", "/", "--proc", "/proc"];
    const { ok, output } = await host.run(program, [...prefix, ...isolate, "/bin/true"]);
    return ok ? { state: "works", how: "The toolbox's bubblewrap made one" } : { state: "fails", output };
  }
  const unshare = await host.which("unshare");
  if (!unshare) return { state: "untried" };
  const { ok, output } = await host.run(unshare, ["--user", "--map-root-user", "--mount", "true"]);
  return ok ? { state: "works", how: `${unshare} made one` } : { state: "fails", output };
}

async function explain(host: Host): Promise<{ setting: string; found: string; mend: string } | undefined> {
  const most = (await host.readText(maximum))?.trim();
  if (most === undefined)
    return {
      setting: maximum,
      found: "The kernel has no user namespaces (CONFIG_USER_NS)",
      mend: "Boot a kernel with CONFIG_USER_NS=y, as every distribution's own kernel has",
    };
  if (most === "0")
    return {
      setting: maximum,
      found: "user.max_user_namespaces is 0",
      mend: sysctl("user.max_user_namespaces", "65536"),
    };
  if (host.isRoot) return undefined;
  if ((await host.readText(debianSwitch))?.trim() === "0")
    return {
      setting: debianSwitch,
      found: "kernel.unprivileged_userns_clone is 0",
      mend: sysctl("kernel.unprivileged_userns_clone", "1"),
    };
  if ((await host.readText(apparmorSwitch))?.trim() === "1")
    return {
      setting: apparmorSwitch,
      found: "AppArmor forbids unprivileged user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)",
      mend: apparmorMend(host.cacheRoot),
    };
  return undefined;
}

async function mendOfUnknown(host: Host): Promise<string> {
  const inContainer = (await host.exists("/.dockerenv")) || (await host.exists("/run/.containerenv"));
  return inContainer
    ? "In a container: start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined, or with --privileged"
    : "See what the system's log says about it: journalctl -k -n 20";
}

function sysctl(name: string, value: string): string {
  return `echo ${name}=${value} | sudo tee /etc/sysctl.d/60-hadron.conf && sudo sysctl -w ${name}=${value}`;
}
