import { copyFile, cp, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import container from "../../images/container.ts";
import toolchain from "../../images/toolchain.ts";
import { cacheRoot, projectRoot } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { targets } from "../../src/recipe/mod.ts";
import { lintRoot, toolboxDigests } from "../../src/rootfs/mod.ts";
import { toolchainBudget } from "../budgets.ts";
import { shellWords } from "../docs/commands.ts";
import { typedCommands } from "../docs/typed-commands.ts";
import { freshDisk, freshFolder } from "./support/artifacts.ts";
import { ask, boot, systemState } from "./support/boot.ts";
import { askContainerJudge, forgetContainers } from "./support/container-judge.ts";
import { hadron, hadronData } from "./support/hadron-command.ts";
import { judge } from "./support/judge.ts";
import { partitionOf } from "./support/partitions.ts";

const minutes = 60_000;
const example = "examples/git";
const page = `${example}/README.md`;
const commands = typedCommands(page, await readFile(join(projectRoot, page), "utf8"));

/** The page's commands are run here, as if it were the project's folder. The judges see it as /work. */
let work: string;
const out = (name: string) => join(work, "out", name);

/** Podman builds by Buildah. What is said in addition is for containers inside of a sandbox without a network. */
const inSandbox: Readonly<Record<string, string>> = {
  "podman build":
    "buildah build --isolation=chroot --network=host --ulimit=nofile=1024:1024 --ulimit=nproc=1024:1024 --pull=never --layers",
  "podman run": "podman run --network=none --ulimit=host",
};

/** Overlays where this machine can have them: without, each layer of an image is a copy of all below it. */
const settings = `export HADRON_CACHE=/work/cache STORAGE_DRIVER=overlay
podman info > /dev/null 2>&1 || export STORAGE_DRIVER=vfs
`;

/** What a command for podman, as a user would type it, wrote. */
function containers(command: string): Promise<string> {
  const [start = "", words = ""] = Object.entries(inSandbox).find(([typed]) => command.startsWith(typed)) ?? [];
  return askContainerJudge(work, `${settings}${words}${command.slice(start.length)}`);
}

async function run(command: string): Promise<string> {
  if (!command.startsWith("./hadron ")) return containers(command);
  const { status, stdout, stderr } = await hadron(shellWords(command).slice(1), { checkout: work });
  expect(status, stderr).toBe(0);
  return stdout;
}

async function builtSteps(...ids: string[]): Promise<Record<string, string>> {
  const { steps } = await hadronData<{ steps: { step: string; path: string }[] }>(["build", ...ids]);
  return Object.fromEntries(steps.map(({ step, path }) => [step, path]));
}

beforeAll(async () => {
  work = await freshFolder("toolchain");
  await symlink(join(projectRoot, "hadron"), join(work, "hadron"));
  await mkdir(join(work, "out"));
  await cp(join(projectRoot, example), join(work, example), { recursive: true });
  const fetched = await hadronData<{ sources: { sha256: string; path: string }[] }>(["sources", "fetch", "git"]);
  await mkdir(join(work, "cache/sources"), { recursive: true });
  for (const { sha256, path } of fetched.sources) await copyFile(path, join(work, "cache/sources", sha256));
});
afterAll(() => forgetContainers(work));

describe(`the commands of ${page}`, () => {
  it.each(commands.map(({ text }) => text))("%s", async (command) => void (await run(command)), 15 * minutes);
});

describe("git, built against the OS", () => {
  const use = `cd /tmp && git init --quiet repository && cd repository
git -c user.name=a -c user.email=a@b.example commit --quiet --allow-empty -m first
git log --format=%s
git branch --show-current
git ls-remote https://127.0.0.1:1/ 2>&1 | grep -iq "connect to" && echo asked`;
  /** The branch's name is from the configuration; that nobody answers is said by libcurl. */
  const used = "first\nmain\nasked";

  it("runs as a layer of the image container", async () => {
    expect(await containers(`podman run --rm localhost/git sh -euc '${use}'`)).toBe(used);
  });

  it("is in the disk that was made of the layer on the image cloud, with its configuration", async () => {
    const disk = out("node.raw");
    const { start } = await partitionOf(disk, "root");
    for (const path of ["/usr/bin/git", "/usr/libexec/git-core/git-remote-https", "/etc/gitconfig"]) {
      const { stdout } = await judge("judges", "/usr/bin/dump.erofs", [`--offset=${start}`, `--path=${path}`, disk]);
      expect(stdout).toContain(`Path : ${path}\n`);
    }
  });

  it(
    "runs on a node from a system extension that systemd-dissect reads, and a configuration extension",
    async () => {
      const media = ["git", "git-settings"].map((serial) => ({ path: out(`${serial}.raw`), serial }));
      await using vm = await boot("toolchain", {
        disks: [
          { path: await freshDisk(out("node-of-cloud.raw")), format: "raw" },
          ...media.map((medium) => ({ ...medium, format: "raw" as const, readonly: true })),
        ],
      });
      expect(await systemState(vm)).toEqual({ state: "running", failed: "" });
      expect((await vm.sh("git --version")).status).not.toBe(0);
      await ask(
        vm,
        `mkdir -p /var/lib/extensions /var/lib/confexts
cat /dev/disk/by-id/virtio-git > /var/lib/extensions/git.raw
cat /dev/disk/by-id/virtio-git-settings > /var/lib/confexts/git-settings.raw`,
        120,
      );
      const listed = await ask(vm, "systemd-dissect --list /var/lib/extensions/git.raw", 120);
      expect(listed).toMatch(/(^|\/)usr\/bin\/git$/m);
      await ask(vm, "systemd-sysext refresh && systemd-confext refresh", 120);
      expect(await ask(vm, use, 120)).toBe(used);
    },
    10 * minutes,
  );
});

describe("a program that is made in the toolchain image", () => {
  const files: Record<string, string> = {
    Dockerfile: `FROM localhost/hadron/toolchain:${toolchain.version} AS build
COPY hello.c needs.c makefile /src/
RUN make -C /src
FROM localhost/hadron/container:${container.version}
COPY --from=build /src/dynamic /src/static /src/needs /src/needed /opt/
`,
    makefile: `all: dynamic static needs needed
dynamic: hello.c
	cc -O2 -o $@ $<
static: hello.c
	cc -O2 -static -o $@ $<
needs: needs.c
	$(CC) -O2 -o $@ $< $(shell pkg-config --cflags --libs zlib)
needed: dynamic static needs
	readelf -dW $^ | sed -n 's/.*(NEEDED).*\\[\\(.*\\)\\]/\\1/p' | sort -u > $@
`,
    "hello.c": `#include <stdio.h>
int main(void) { puts("hello"); }
`,
    // The first two would be in libatomic and libgcc_s, which no node has.
    "needs.c": `#include <stdio.h>
#include <unwind.h>
#include <zlib.h>
static int frames;
static _Unwind_Reason_Code count(struct _Unwind_Context *context, void *unused) {
  (void) context;
  (void) unused;
  frames++;
  return _URC_NO_REASON;
}
int main(void) {
  static __int128 wide;
  __atomic_fetch_add(&wide, 1, __ATOMIC_SEQ_CST);
  _Unwind_Backtrace(count, 0);
  printf("%d %d %d\\n", (int) wide, frames > 0, zlibVersion()[0] == '1');
}
`,
  };

  beforeAll(async () => {
    await mkdir(join(work, "hello"));
    for (const [name, text] of Object.entries(files)) await writeFile(join(work, "hello", name), text);
    await containers("podman build --tag localhost/hello hello");
  }, 10 * minutes);

  it("runs in the runtime image, dynamic or static", async () => {
    expect(await containers("podman run --rm localhost/hello sh -c '/opt/dynamic && /opt/static'")).toBe(
      "hello\nhello",
    );
  });

  it("needs no library of the compiler's there", async () => {
    expect(await containers("podman run --rm localhost/hello cat /opt/needed")).toBe("libc.so\nlibz.so.1");
    expect(await containers("podman run --rm localhost/hello /opt/needs")).toBe("1 1 1");
  });
});

describe("the toolchain image", () => {
  /** The compiler, which runs on no node and has the toolbox's C library inside, and what it reads. */
  const building =
    /^(cross|sysroot|usr\/include|usr\/lib\/(cmake|pkgconfig)|usr\/share\/(aclocal|cmake|pkgconfig))(\/|$)|^usr\/lib\/[^/]+\.(a|o|so)$/;

  it("is the OS beside what is for building: that passes every linter, but for libraries that wait for a program", async () => {
    const { "toolchain:root": root = "" } = await builtSteps("toolchain:root");
    const toolboxFiles = await toolboxDigests((await ensureToolboxSet("build", { cacheRoot: cacheRoot() })).path);
    const findings = lintRoot(root, { loader: targets.x86_64.loader, toolboxFiles });
    expect(findings.filter(({ linter, path }) => linter !== "unused-libraries" && !building.test(path))).toEqual([]);
    for (const linter of ["leftovers", "layout"]) expect(findings.map((finding) => finding.linter)).toContain(linter);
  });

  it("is within its budget", async () => {
    const { "toolchain:layers": layers = "" } = await builtSteps("toolchain:layers");
    const archives = (await readdir(layers)).filter((name) => name.endsWith(".tar.gz"));
    expect(archives.length).toBeLessThanOrEqual(12);
    let bytes = 0;
    for (const name of archives) bytes += (await stat(join(layers, name))).size;
    expect(bytes / 1e6).toBeLessThanOrEqual(toolchainBudget.limit);
  });
});
