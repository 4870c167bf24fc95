import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { ProcessResult } from "../../src/base/mod.ts";
import type { Vm } from "../../src/vm/mod.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, isUp, reboot, systemState } from "./support/boot.ts";
import { judge } from "./support/judge.ts";
import { freePort, listening, socketTables } from "./support/sockets.ts";

/** Keys of the client: handed over for the two users, put into the admin's home by hand, and one that nobody knows. */
const keys = ["admin", "root", "own", "stranger"] as const;
type Key = (typeof keys)[number];

const hostKey = "/var/lib/ssh/ssh_host_ed25519_key";
const ourUnits = "--type=socket,service '*ssh*' 'as-root*'";

interface Access {
  state: string;
  listening: string[];
  /** Of the units that let someone in, those that are up. */
  units: string;
  hostKey: string;
}

let folder: string;
let port: number;
let first: Access;
let logins: Record<"admin" | "root" | "stranger" | "otherUser" | "password", ProcessResult>;
let asRoot: Record<"user" | "status" | "words" | "folder" | "input" | "terminal" | "tool", ProcessResult>;
let outsider: Record<"tool" | "connection", { status: number; stdout: string; stderr: string }>;
let files: Record<"setuid" | "modes" | "openers", string>;
let second: Access & { login: ProcessResult };
let withoutCredential: Access & { kept: string; login: ProcessResult; ownKey: ProcessResult };

/** Logs in as a stock client does. The node's host key is taken at the first login, and must stay the same. */
function ssh(user: string, key: Key, words: string[], options: string[] = []): Promise<ProcessResult> {
  const settings = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "StrictHostKeyChecking=accept-new",
    `UserKnownHostsFile=${join(folder, "known_hosts")}`,
    "GlobalKnownHostsFile=/dev/null",
    "ConnectTimeout=60",
    "LogLevel=ERROR",
    ...options,
  ].flatMap((setting) => ["-o", setting]);
  const place = ["-F", "none", "-p", String(port), "-i", join(folder, key)];
  return judge("judges", "/usr/bin/ssh", [...place, ...settings, `${user}@127.0.0.1`, ...words]);
}

async function look(vm: Vm): Promise<Access> {
  const { state } = await systemState(vm);
  return {
    state,
    listening: listening(await socketTables(vm)),
    units: await ask(vm, `systemctl list-units --state=active --no-legend --plain ${ourUnits} | cut -d ' ' -f 1`),
    hostKey: await ask(vm, `[ ! -e ${hostKey} ] || cat ${hostKey}.pub`),
  };
}

/** Three boots of one disk: with credentials twice, then without. The tests below only look at what they left. */
beforeAll(async () => {
  folder = await freshFolder("ssh");
  port = await freePort();
  for (const key of keys) {
    const words = ["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", join(folder, key)];
    const { exitCode, stderr } = await judge("judges", "/usr/bin/ssh-keygen", words);
    if (exitCode !== 0) throw new Error(`ssh-keygen made no key: ${stderr}`);
  }
  const publicKey = (key: Key) => readFile(join(folder, `${key}.pub`), "utf8");
  const disk = await freshDisk(join(folder, "disk.raw"));
  const machine = { disks: [{ path: disk, format: "raw" as const }], network: { isolated: true, sshPort: port } };
  {
    const credentials = {
      "ssh.authorized_keys.admin": await publicKey("admin"),
      "ssh.authorized_keys.root": await publicKey("root"),
    };
    await using vm = await boot("ssh", { ...machine, credentials });
    await isUp(vm);
    first = await look(vm);
    logins = {
      admin: await ssh("admin", "admin", ["id -un; id -Gn; pwd"]),
      root: await ssh("root", "root", ["id -un"]),
      stranger: await ssh("admin", "stranger", ["true"]),
      otherUser: await ssh("root", "admin", ["true"]),
      password: await ssh("admin", "admin", ["true"], ["PubkeyAuthentication=no"]),
    };
    const admin = (command: string, options: string[] = []) => ssh("admin", "admin", [command], options);
    asRoot = {
      user: await admin("as-root id -u"),
      status: await admin("as-root sh -c 'exit 7'"),
      words: await admin(`as-root printf '%s|' "it's" 'a  b' '$HOME' '' '*'`),
      folder: await admin("cd /var/tmp && as-root pwd"),
      input: await admin("echo given | as-root cat"),
      terminal: await admin("as-root tty", ["RequestTTY=force"]),
      tool: await admin("as-root -u admin"),
    };
    const nobody = "systemd-run --quiet --pipe --wait --collect --uid=nobody";
    outsider = {
      tool: await vm.sh(`${nobody} as-root id -u`),
      connection: await vm.sh(`${nobody} ssh -F /usr/lib/ssh/as-root.conf as-root id -u`),
    };
    files = {
      setuid: await ask(vm, "find / -xdev -type f -perm /6000"),
      modes: await ask(vm, "stat -c '%a %U %G' /run/as-root.socket /run/as-root /run/as-root/key"),
      openers: await ask(vm, "journalctl -q -F _SYSTEMD_UNIT | grep '^as-root@'"),
    };
    await reboot(vm);
    second = { ...(await look(vm)), login: await ssh("admin", "admin", ["id -un"]) };
  }
  await using vm = await boot("ssh-without-credential", machine);
  await isUp(vm);
  withoutCredential = {
    ...(await look(vm)),
    login: await ssh("admin", "admin", ["true"], ["ConnectTimeout=10"]),
    kept: await ask(vm, "find /var/home /var/roothome -name authorized_keys"),
    ownKey: await (async () => {
      const place = "/var/home/admin/.ssh/authorized_keys";
      await ask(
        vm,
        `echo '${(await publicKey("own")).trim()}' > ${place} && systemctl start sshd.socket as-root.socket`,
      );
      return ssh("admin", "own", ["as-root id -un"]);
    })(),
  };
}, 900_000);

describe("SSH", () => {
  it("listens on port 22 where a key was handed over as a credential, and nowhere else", () => {
    expect(first.state).toBe("running");
    // Nor where systemd would let hypervisors and local users in.
    expect(first.units.split("\n").sort()).toEqual(["as-root-keys.service", "as-root.socket", "sshd.socket"]);
    expect(first.listening).toEqual(["tcp6 22"]);
  });

  it("lets the admin in with that key, and root with root's", () => {
    expect(logins.admin).toMatchObject({ exitCode: 0 });
    expect(logins.admin.stdout.split("\n")).toEqual(["admin", "admin wheel systemd-journal", "/var/home/admin", ""]);
    expect(logins.root).toMatchObject({ exitCode: 0, stdout: "root\n" });
  });

  it("refuses other keys, and knows no other way in", () => {
    for (const login of [logins.stranger, logins.otherUser, logins.password]) {
      expect(login).toMatchObject({ exitCode: 255, stdout: "" });
      expect(login.stderr).toContain("Permission denied (publickey)");
    }
  });

  it("keeps its host key over a reboot", () => {
    expect(first.hostKey).toMatch(/^ssh-ed25519 /);
    expect(second.hostKey).toBe(first.hostKey);
    expect(second.login).toMatchObject({ exitCode: 0, stdout: "admin\n" });
  });

  it("does not listen where nobody may log in, and forgets a key with its credential", () => {
    const { state, listening, units, kept, login } = withoutCredential;
    expect({ state, listening, units, kept }).toEqual({ state: "running", listening: [], units: "", kept: "" });
    expect(login.exitCode).toBe(255);
  });

  it("lets the admin in with a key of their own", () => {
    expect(withoutCredential.ownKey).toMatchObject({ exitCode: 0, stdout: "root\n" });
  });
});

describe("as-root", () => {
  it("makes the admin root, with nothing setuid anywhere", () => {
    expect(asRoot.user).toMatchObject({ exitCode: 0, stdout: "0\n" });
    expect(files.setuid).toBe("");
  });

  it("passes exit status, words, folder, input and terminal on", () => {
    expect(asRoot.status.exitCode).toBe(7);
    expect(asRoot.words.stdout).toBe("it's|a  b|$HOME||*|");
    expect(asRoot.folder.stdout).toBe("/var/tmp\n");
    expect(asRoot.input.stdout).toBe("given\n");
    expect(asRoot.terminal.stdout).toMatch(/^\/dev\/pts\/\d+\r?\n$/);
  });

  it("says how it is used", () => {
    expect(asRoot.tool).toMatchObject({ exitCode: 255, stdout: "" });
    expect(asRoot.tool.stderr).toContain("no options");
  });

  it("makes nobody root who is not in wheel", () => {
    expect(outsider.tool).toMatchObject({ status: 255, stdout: "" });
    expect(outsider.tool.stderr).toContain("only members of the group wheel");
    expect(outsider.connection).toMatchObject({ status: 255, stdout: "" });
    expect(files.modes.split("\n")).toEqual(["660 root wheel", "750 root wheel", "640 root wheel"]);
  });

  it("leaves in the journal whose process became root", () => {
    for (const unit of files.openers.split("\n")) expect(unit).toMatch(/^as-root@.*-1000\.service$/);
  });
});
