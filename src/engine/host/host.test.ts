import { expect, it } from "vitest";
import { assertCanSandbox, type Host, hostChecks, profilePath, runChecks, userNamespaces } from "./mod.ts";

const versions: Record<string, string> = { node: "v20.19.0", tar: "tar (GNU tar) 1.35\nCopyright" };

/** A Debian with everything in place; each test takes something away. */
function machine(change: Partial<Host> & { files?: Record<string, string>; programs?: string[] } = {}): Host {
  const files: Record<string, string> = {
    "/dev/kvm": "",
    "/home/ada/.cache/hadron": "",
    "/proc/sys/user/max_user_namespaces": "96000\n",
    ...change.files,
  };
  const programs = change.programs ?? ["node", "npm", "make", "tar", "xz", "unshare"];
  return {
    platform: "linux",
    machine: "x86_64",
    isRoot: false,
    cacheRoot: "/home/ada/.cache/hadron",
    environment: {},
    readText: async (path) => files[path],
    exists: async (path) => path in files,
    isWritable: async (path) => path in files,
    which: async (program) => (programs.includes(program) ? `/usr/bin/${program}` : undefined),
    run: async (program) => ({ ok: true, output: versions[program.slice("/usr/bin/".length)] ?? "" }),
    freeBytes: async () => 100e9,
    memory: { total: 16e9, available: 12e9 },
    bubblewrap: undefined,
    debianMirrors: ["http://mirror.example/debian"],
    hasEverything: false,
    ...change,
  };
}

const refused = {
  run: async () => ({ ok: false, output: "unshare: write failed /proc/self/uid_map: Operation not permitted" }),
};
const toolbox = {
  bubblewrap: ["/cache/toolbox/x/usr/lib64/ld-linux-x86-64.so.2", "/cache/toolbox/x/usr/bin/bwrap"] as const,
};
const ubuntu2404 = {
  "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
  "/proc/sys/kernel/unprivileged_userns_clone": "1\n",
};

it("finds nothing missing on a machine that has everything", async () => {
  const rows = await runChecks(machine(), hostChecks);
  expect(rows.filter(({ state }) => state !== "ok")).toEqual([]);
  expect(rows.map(({ check }) => check)).toContain("user-namespaces");
  await expect(assertCanSandbox(machine())).resolves.toBeUndefined();
});

it("names the AppArmor profile on Ubuntu 24.04, as one command", async () => {
  const host = machine({ ...refused, ...toolbox, files: ubuntu2404 });
  const finding = await userNamespaces.look(host);
  expect(finding).toMatchObject({ state: "missing", found: expect.stringContaining("AppArmor") });
  expect(finding.mend).toBe(
    `printf '%s\\n' 'abi <abi/4.0>,' 'include <tunables/global>' ` +
      `'profile hadron-bwrap "/home/ada/.cache/hadron/toolbox/*/usr/lib{64,/x86_64-linux-gnu}/ld-linux-x86-64.so.2" flags=(unconfined) {' ` +
      `'userns,' '}' | sudo tee ${profilePath} && sudo apparmor_parser -r ${profilePath}`,
  );
  await expect(assertCanSandbox(host)).rejects.toMatchObject({
    kind: "host",
    code: "HOST_NO_USER_NAMESPACES",
    hint: finding.mend,
  });
});

it("trusts an installed profile while there is no toolbox to try it with", async () => {
  const host = machine({ ...refused, files: { ...ubuntu2404, [profilePath]: "…" } });
  expect(await userNamespaces.look(host)).toMatchObject({ state: "ok" });
  expect(await userNamespaces.look({ ...host, ...toolbox })).toMatchObject({ state: "missing" });
});

it("names the switch of an older Debian", async () => {
  const host = machine({ ...refused, files: { "/proc/sys/kernel/unprivileged_userns_clone": "0\n" } });
  expect((await userNamespaces.look(host)).mend).toContain("sudo sysctl -w kernel.unprivileged_userns_clone=1");
});

it("names the limit where it is 0, for root as well", async () => {
  const host = machine({ ...refused, isRoot: true, files: { "/proc/sys/user/max_user_namespaces": "0\n" } });
  expect((await userNamespaces.look(host)).mend).toContain("user.max_user_namespaces=65536");
});

it("says so where the kernel has no user namespaces", async () => {
  const host = machine(refused);
  const bare = { ...host, readText: async () => undefined };
  await expect(assertCanSandbox(bare)).rejects.toMatchObject({
    code: "HOST_NO_USER_NAMESPACES",
    message: expect.stringContaining("CONFIG_USER_NS"),
  });
});

it("shows what the trial said where no setting explains it, and thinks of containers", async () => {
  const finding = await userNamespaces.look(machine({ ...refused, isRoot: true, files: { "/.dockerenv": "" } }));
  expect(finding).toMatchObject({
    state: "missing",
    found: expect.stringContaining("write failed /proc/self/uid_map"),
    mend: expect.stringContaining("seccomp=unconfined"),
  });
});

it("only warns where nothing can be tried yet", async () => {
  const host = machine({ programs: ["node", "npm", "make", "tar", "xz"] });
  expect(await userNamespaces.look(host)).toMatchObject({ state: "warning" });
  await expect(assertCanSandbox(host)).resolves.toBeUndefined();
});

it("refuses what is not Linux", async () => {
  await expect(assertCanSandbox(machine({ platform: "darwin" }))).rejects.toMatchObject({ code: "HOST_NOT_LINUX" });
});

it("names each missing program, a small disk and an old Node with what mends it", async () => {
  const host = machine({
    programs: ["node", "unshare"],
    run: async (program) => ({ ok: true, output: program.endsWith("node") ? "v18.19.1" : "" }),
    freeBytes: async () => 5e9,
    memory: { total: 2e9, available: 1e9 },
    debianMirrors: [],
  });
  const rows = await runChecks(host, hostChecks);
  const bad = rows.filter(({ state }) => state !== "ok");
  expect(bad.map(({ check, state }) => `${state} ${check}`)).toEqual([
    "missing node",
    "missing npm",
    "missing make",
    "missing tar",
    "missing xz",
    "warning disk",
    "warning memory",
    "missing debian-mirror",
  ]);
  expect(bad.every(({ mend }) => mend !== undefined)).toBe(true);
  const mends = bad.slice(0, 5).map(({ mend = "" }) => /^sudo apt install (.+) \(Debian/.exec(mend)?.[1]);
  expect(mends).toEqual(["nodejs npm", "npm", "make", "tar", "xz-utils"]);
});

it("takes no tar but GNU's", async () => {
  for (const output of ["tar (busybox) 1.36.1", "bsdtar 3.7.2 - libarchive 3.7.2", ""]) {
    const rows = await runChecks(machine({ run: async () => ({ ok: true, output }) }), hostChecks);
    const row = rows.find(({ check }) => check === "tar");
    expect(row).toMatchObject({ state: "missing", found: expect.stringContaining("not GNU tar") });
    expect(row?.why).toContain("toolbox");
  }
});

it("only warns of a missing mirror where nothing is to be fetched any more", async () => {
  const stateOf = async (change: Partial<Host>) =>
    (await runChecks(machine({ debianMirrors: [], ...change }), hostChecks)).find(
      ({ check }) => check === "debian-mirror",
    )?.state;
  expect(await stateOf({})).toBe("missing");
  expect(await stateOf({ hasEverything: true })).toBe("warning");
});

it("says what a trial of KVM found since this machine booted", async () => {
  const kvmWith = async (trial: object) => {
    const files = {
      "/proc/sys/kernel/random/boot_id": "this-boot\n",
      "/home/ada/.cache/hadron/vm-acceleration.json": JSON.stringify(trial),
    };
    return (await runChecks(machine({ files }), hostChecks)).find(({ check }) => check === "kvm");
  };
  const fails = { accel: "tcg", why: "KVM failed a boot sector" };
  expect(await kvmWith({ boot: "this-boot", ...fails })).toMatchObject({
    state: "warning",
    found: expect.stringContaining("KVM failed a boot sector"),
    mend: expect.stringContaining("vm-acceleration.json"),
  });
  expect(await kvmWith({ boot: "before", ...fails })).toMatchObject({ state: "ok" });
  const works = { boot: "this-boot", accel: "kvm", why: "KVM ran a boot sector in 0.2 s" };
  expect(await kvmWith(works)).toMatchObject({ state: "ok", found: works.why });
});

it("goes on after a check that can't look", async () => {
  const host = machine({ freeBytes: () => Promise.reject(new Error("EIO")) });
  const rows = await runChecks(host, hostChecks);
  expect(rows).toHaveLength(hostChecks.length);
  expect(rows.find(({ check }) => check === "disk")).toMatchObject({
    state: "warning",
    found: expect.stringContaining("EIO"),
  });
});
