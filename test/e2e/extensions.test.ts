import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Disk, Vm } from "../../src/vm/mod.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, isUp, reboot, systemState } from "./support/boot.ts";
import { hadron, hadronData } from "./support/hadron-command.ts";
import { judge } from "./support/judge.ts";
import { flipByte, partitionOf, partitionsOf } from "./support/partitions.ts";
import { staticProgram } from "./support/static-program.ts";

const unit = `[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/tool
StandardOutput=truncate:/run/tool
`;

/** What lies on the node as NAME.raw, from the files of a folder. */
const extensions: Record<string, { kind: "sysext" | "confext"; files: Record<string, string | Buffer> }> = {
  tool: {
    kind: "sysext",
    files: {
      "usr/bin/tool": staticProgram("a tool of its own\n"),
      "usr/lib/systemd/system/tool.service": unit,
      "usr/lib/systemd/system/multi-user.target.d/10-tool.conf": "[Unit]\nUpholds=tool.service\n",
      "opt/tool/data": "data\n",
    },
  },
  settings: { kind: "confext", files: { "etc/tool.conf": "configured\n" } },
  foreign: {
    kind: "sysext",
    files: {
      "usr/bin/foreign": staticProgram("foreign\n"),
      "usr/lib/extension-release.d/extension-release.foreign": "ID=other\nVERSION_ID=1\n",
    },
  },
};

let work: string;
const raw = (name: string) => join(work, `${name}.raw`);

async function makeExtension(name: string): Promise<void> {
  const { kind, files } = extensions[name] ?? { kind: "sysext", files: {} };
  for (const [path, content] of Object.entries(files)) {
    const file = join(work, name, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    await chmod(file, path.includes("/bin/") ? 0o755 : 0o644);
  }
  await hadronData(["image", "--as", kind, "--from", join(work, name), "--output", raw(name)]);
}

const put = (vm: Vm, name: string, to: string) =>
  ask(vm, `mkdir -p ${dirname(to)}; cat /dev/disk/by-id/virtio-${name} > ${to}`);
const has = async (vm: Vm, path: string) => (await vm.sh(`test -e ${path}`)).status === 0;

interface Look {
  tool: string;
  data: string;
  unit: string;
  conf: string;
  verified: number;
}

async function look(vm: Vm): Promise<Look> {
  return {
    tool: await ask(vm, "tool"),
    data: await ask(vm, "cat /opt/tool/data"),
    unit: await ask(vm, "for i in $(seq 30); do [ ! -s /run/tool ] || break; sleep 1; done; cat /run/tool"),
    conf: await ask(vm, "cat /etc/tool.conf"),
    verified: Number(await ask(vm, "dmsetup ls --target verity | wc -l")),
  };
}

let seen: {
  before: boolean;
  merged: Look;
  own: string;
  isReadOnly: boolean;
  booted: Look;
  state: { state: string; failed: string };
  foreign: { isThere: boolean; isToolThere: boolean };
  forged: { status: number; isToolThere: boolean; state: { state: string; failed: string } };
};

beforeAll(async () => {
  work = await freshFolder("extensions");
  for (const name of Object.keys(extensions)) await makeExtension(name);
  await copyFile(raw("tool"), raw("forged"));
  // In the first block, which nothing reads the file system without.
  await flipByte(raw("forged"), (await partitionOf(raw("forged"), "root")).start);

  const disk: Disk = { path: await freshDisk(join(work, "disk.raw")), format: "raw" };
  const medium = (name: string): Disk => ({ path: raw(name), format: "raw", readonly: true, serial: name });
  const disks = [disk, ...["tool", "settings", "foreign", "forged"].map(medium)];
  await using vm = await boot("extensions", { disks });
  await isUp(vm);
  await systemState(vm);
  const before = await has(vm, "/usr/bin/tool");

  await ask(vm, "echo own > /etc/own");
  await put(vm, "tool", "/var/lib/extensions/tool.raw");
  await put(vm, "settings", "/var/lib/confexts/settings.raw");
  await ask(vm, "systemd-sysext refresh && systemd-confext refresh", 120);
  await ask(vm, "systemctl start tool.service");
  const merged = await look(vm);
  const own = await ask(vm, "cat /etc/own");
  const isReadOnly = (await vm.sh("touch /etc/new")).status !== 0;

  await reboot(vm);
  const state = await systemState(vm);
  const booted = await look(vm);

  await put(vm, "foreign", "/var/lib/extensions/foreign.raw");
  await ask(vm, "systemd-sysext refresh", 120);
  const foreign = { isThere: await has(vm, "/usr/bin/foreign"), isToolThere: await has(vm, "/usr/bin/tool") };

  await ask(vm, "rm /var/lib/extensions/foreign.raw");
  await put(vm, "forged", "/var/lib/extensions/tool.raw");
  await reboot(vm);
  const forgedState = await systemState(vm);
  const { status } = await vm.sh("systemd-sysext refresh", { seconds: 120 });
  const forged = { status, isToolThere: await has(vm, "/usr/bin/tool"), state: forgedState };
  seen = { before, merged, own, isReadOnly, booted, state, foreign, forged };
}, 1_800_000);

const whole = { tool: "a tool of its own", data: "data", unit: "a tool of its own", conf: "configured", verified: 3 };

describe("an extension on a node", () => {
  it("adds its files to /usr, /opt and /etc at once, each verified by a hash tree of its own", () => {
    expect(seen.before).toBe(false);
    expect(seen.merged).toEqual(whole);
  });

  it("leaves what was written to /etc before, and makes /usr and /etc read-only", () => {
    expect(seen.own).toBe("own");
    expect(seen.isReadOnly).toBe(true);
  });

  it("is there again after a reboot, with its unit started", () => {
    expect(seen.state).toEqual({ state: "running", failed: "" });
    expect(seen.booted).toEqual(whole);
  });

  it("for another OS is left out, and the others stay", () => {
    expect(seen.foreign).toEqual({ isThere: false, isToolThere: true });
  });

  it("that was changed by one byte is refused, and the boot goes on", () => {
    expect(seen.forged.status).not.toBe(0);
    expect(seen.forged.isToolThere).toBe(false);
    expect(seen.forged.state.failed).toContain("systemd-sysext.service");
  });
});

describe("the file of an extension", () => {
  it("has a partition of erofs and one of hashes, of which Debian's veritysetup finds each block right", async () => {
    const found = await partitionsOf(raw("tool"));
    expect(found.map(({ type, name }) => `${type} ${name}`)).toEqual(["root tool", "root-verity tool-verity"]);
    const hash = found.map(({ uuid }) => uuid.replaceAll("-", "")).join("");
    const [data, hashes] = found;
    const parts = [join(work, "data"), join(work, "hashes")];
    for (const [index, partition] of [data, hashes].entries()) {
      const { start = 0, size = 0 } = partition ?? {};
      const copied = await judge("judges", "/usr/bin/dd", [
        `if=${raw("tool")}`,
        `of=${parts[index]}`,
        ...["bs=4096", `skip=${start / 4096}`, `count=${size / 4096}`, "status=none"],
      ]);
      expect(copied).toMatchObject({ exitCode: 0 });
    }
    expect(await judge("judges", "/usr/sbin/veritysetup", ["verify", ...parts, hash])).toMatchObject({ exitCode: 0 });
    expect(await judge("judges", "/usr/bin/fsck.erofs", [parts[0] ?? ""])).toMatchObject({ exitCode: 0 });
  });

  it("is not made of files that an extension can't have, and says which", async () => {
    const words = ["image", "--as", "sysext", "--from", join(work, "settings"), "--output", join(work, "none.raw")];
    const { status, stdout } = await hadron([...words, "--json"]);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; hint: string } };
    expect({ status, code: error.code }).toEqual({ status: 3, code: "EXTENSION_CONTENT" });
    expect(error.message).toContain("/etc");
    expect(error.hint).toContain("--as confext");
  });
});
