import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeKey } from "../../../src/attest/mod.ts";
import { cacheRoot } from "../../../src/base/mod.ts";
import { filesInput, type StepInput } from "../../../src/graph/mod.ts";
import { asOrdinaryUser } from "../support/ordinary-user.ts";
import { startBuild } from "./start-build.ts";
import { contentOf, noSources, openWorkbench, step } from "./workbench.ts";

describe("a step in its sandbox", () => {
  it("sees a fixed user, host name, clock, locale and environment", async () => {
    await using bench = await openWorkbench();
    process.env.HADRON_TEST_LEAK = "1";
    const built = await bench.build([
      step(
        "facts",
        "{ id -u; id -g; id -un; hostname; pwd; umask; locale -k LC_CTYPE | grep charmap; env; } > /out/facts",
      ),
    ]);
    const facts = await readFile(join(built.get("facts")?.path ?? "", "facts"), "utf8");
    expect(facts.split("\n").slice(0, 7)).toEqual([
      "1000",
      "1000",
      "builder",
      "hadron",
      "/build",
      "0022",
      'charmap="UTF-8"',
    ]);
    expect(facts).toMatch(/^SOURCE_DATE_EPOCH=1767225600$/m);
    expect(facts).toMatch(/^TZ=UTC$/m);
    expect(facts).toMatch(/^LC_ALL=C.UTF-8$/m);
    expect(facts).toMatch(/^HOME=\/build$/m);
    expect(facts).not.toContain("HADRON_TEST_LEAK");
  });

  it("has no network, and a failure over that says so", async () => {
    await using bench = await openWorkbench();
    const needy = step("needy", "python3 -c 'import urllib.request as r; r.urlopen(\"http://example.org\")'");
    await expect(bench.build([needy])).rejects.toMatchObject({
      code: "STEP_FAILED",
      at: "recipes/needy/recipe.ts:7",
      hint: expect.stringContaining("Steps have no network"),
    });
    await expect(bench.build([step("direct", "exec 3<>/dev/tcp/1.1.1.1/80")])).rejects.toMatchObject({
      code: "STEP_FAILED",
      detail: expect.stringContaining("Network is unreachable"),
    });
  });

  it("cannot write outside its output, and a failure over that says so", async () => {
    await using bench = await openWorkbench();
    const input = step("input", "echo a > /out/a");
    for (const path of ["/usr/bin/x", "/needs/input/x", "/needs/input/a", "/needs/x", "/run/x", "/x", "/etc/passwd"]) {
      const writer = step("writer", `echo b > ${path}`, ["input"]);
      await expect(bench.build([input, writer], ["writer"])).rejects.toMatchObject({
        code: "STEP_FAILED",
        at: "recipes/writer/recipe.ts:7",
        hint: expect.stringContaining("A step can write to /build, /out and /tmp only"),
      });
    }
    expect((await contentOf(bench.root)).work).toEqual([]);
  });

  it("cannot change an input by way of its own hard links", async () => {
    await using bench = await openWorkbench();
    const input = step("input", "echo a > /out/a");
    const second = step("second", "echo b > /out/b");
    const merged = step(
      "merged",
      "! echo x >> /sysroot/a; cat /sysroot/a /sysroot/b > /out/both",
      [],
      [
        { kind: "step", step: "input", mount: "/sysroot" },
        { kind: "step", step: "second", mount: "/sysroot" },
      ],
    );
    const built = await bench.build([input, second, merged]);
    expect(await readFile(join(built.get("merged")?.path ?? "", "both"), "utf8")).toBe("a\nb\n");
    expect(await readFile(join(built.get("input")?.path ?? "", "a"), "utf8")).toBe("a\n");
  });

  it("sees of a project folder what is in its key, and nothing else", async () => {
    await using bench = await openWorkbench();
    const folder = await mkdtemp(join(tmpdir(), "hadron-files-"));
    await mkdir(join(folder, "sub"), { mode: 0o700 });
    await writeFile(join(folder, "sub/data"), "data\n");
    await writeFile(join(folder, "run.sh"), "");
    await writeFile(join(folder, "recipe.ts"), "");
    await chmod(join(folder, "sub/data"), 0o660);
    await chmod(join(folder, "run.sh"), 0o700);
    const files = filesInput(folder, "/recipe");
    const look = step("look", "cd /recipe; find . -printf '%p %m %Ts\\n' | sort > /out/list", [], files ? [files] : []);
    const built = await bench.build([look]);
    const clock = "1767225600";
    expect((await readFile(join(built.get("look")?.path ?? "", "list"), "utf8")).trim().split("\n")).toEqual([
      `. 755 ${clock}`,
      `./run.sh 755 ${clock}`,
      `./sub 755 ${clock}`,
      `./sub/data 644 ${clock}`,
    ]);
    await writeFile(join(folder, "sub/data"), "other\n");
    await expect(bench.build([look], ["look"], { rebuild: () => true })).rejects.toMatchObject({
      code: "INPUT_CHANGED",
    });
    await rm(folder, { recursive: true });
  });

  it("sees which bytes of sources are used, without the bytes", async () => {
    await using bench = await openWorkbench();
    const pins: StepInput = { kind: "pins", sources: ["zlib", "musl"], mount: "/needs/pins" };
    const sources = { ...noSources, choose: (name: string) => `digest-of-${name}` };
    const built = await bench.build([step("look", "cp /needs/pins /out/pins", [], [pins])], ["look"], { sources });
    const seen = await readFile(join(built.get("look")?.path ?? "", "pins"), "utf8");
    expect(seen).toBe("digest-of-musl  musl\ndigest-of-zlib  zlib\n");
  });

  it("can read neither the signing key nor its socket", async () => {
    await using bench = await openWorkbench();
    const folder = await mkdtemp(join(tmpdir(), "hadron-signing-key-"));
    const { path: key } = await makeKey(join(folder, "release.key"), { test: true });
    const secret = (await readFile(key, "utf8")).split("\n")[1] ?? "";
    // What a token's daemon or an agent would listen at: by a path, and by a name without one.
    const places = [join(folder, "socket"), `\0hadron-test-${process.pid}`];
    const servers = places.map((path) => createServer((client) => client.end(secret)).listen(path));
    const variables = {
      HADRON_SIGN_KEY: key,
      HADRON_KEY_PASSPHRASE: secret,
      HADRON_PKCS11_PIN: secret,
      SOFTHSM2_CONF: key,
    };
    Object.assign(process.env, variables);
    try {
      const answers = await Promise.all(
        places.map(async (path) => {
          const client = connect(path);
          return Buffer.concat(await client.toArray()).toString();
        }),
      );
      // Here both answer, and the file can be read.
      expect(answers).toEqual([secret, secret]);
      const connecting = places.map((path) => JSON.stringify(path.replace("\0", "\\0"))).join(", ");
      const spy = step(
        "spy",
        `env > /out/environment
{ cat ${key}; ls ${folder}; find / -xdev -name release.key -not -path '/proc/*'; cat /proc/*/environ | tr '\\0' '\\n'; } > /out/files 2> /dev/null || true
ls /proc | grep -x '[0-9]*' | wc -l > /out/processes
python3 - > /out/sockets <<'END'
import socket
for path in [${connecting}]:
    path = path.replace("\\\\0", "\\0")
    try:
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        print(client.recv(4096))
    except OSError as error:
        print("refused", error.errno)
END
`,
      );
      const built = await bench.build([spy]);
      const seen = async (name: string) => readFile(join(built.get("spy")?.path ?? "", name), "utf8");
      expect(await seen("sockets")).toBe("refused 2\nrefused 111\n");
      for (const name of ["environment", "files"]) {
        const text = await seen(name);
        for (const hidden of [secret, folder, "release.key", ...Object.keys(variables)])
          expect(text).not.toContain(hidden);
      }
      // Its own only: of those of this machine not even the names.
      expect(Number(await seen("processes"))).toBeLessThan(10);
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
      for (const server of servers) server.close();
      await rm(folder, { recursive: true });
    }
  });

  it("leaves an output whose digest and times do not depend on who builds it, where and when", async () => {
    const outputs = new Set<string>();
    const input = step("input", "mkdir /out/folder; echo a > /out/folder/a");
    const other = step("other", "mkdir /out/folder; echo b > /out/folder/b");
    const product = step(
      "product",
      "mkdir -p /out/sub; date > /build/when; touch -d 1999-01-01 /out/old; cp -a /sysroot/folder /out/; umask > /out/sub/umask; ln -s sub /out/link; (cd /sysroot; find . -printf '%p %m %Ts\\n' | sort) > /out/sysroot",
      [],
      [
        { kind: "step", step: "input", mount: "/sysroot" },
        { kind: "step", step: "other", mount: "/sysroot" },
      ],
    );
    const cache = `HADRON_CACHE=${cacheRoot()}`;
    const surroundings = [
      ["env", cache, "TZ=Asia/Tokyo", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "HOME=/nonexistent"],
      ["env", cache, "sh", "-c", 'umask 077; cd /; exec "$@"', "sh"],
    ];
    for (const surrounding of surroundings) {
      await using bench = await openWorkbench();
      const outcome = await startBuild({ root: bench.root, steps: [input, other, product] }, surrounding).ended;
      expect(outcome?.error).toBeUndefined();
      outputs.add(outcome?.outputs.product ?? "");
      const path = bench.store.objectPath(outcome?.outputs.product ?? "");
      for (const entry of ["", "old", "sub", "sub/umask", "folder/a"])
        expect((await stat(join(path, entry))).mtimeMs).toBe(1767225600_000);
    }
    expect(outputs.size).toBe(1);
  });

  it("needs no root, also where a step leaves folders that cannot be written", async () => {
    await using bench = await openWorkbench();
    const locked = "mkdir -p /out/a/b /build/a/b; echo x > /out/a/b/x; chmod 0555 /out/a /out/a/b /build/a /build/a/b";
    const steps = [
      step("locked", locked),
      step("user", "cat /needs/locked/a/b/x > /out/x; id -u > /out/id", ["locked"]),
    ];
    const task = { root: bench.root, steps, collect: true };
    const outcome = await startBuild(task, await asOrdinaryUser()).ended;
    expect(outcome?.error).toBeUndefined();
    expect(Object.keys(outcome?.outputs ?? {})).toEqual(["locked", "user"]);
    expect(outcome?.content.work).toEqual([]);
    expect(outcome?.collected).toBe(true);
    expect((await contentOf(bench.root)).objects).toEqual([]);
  });

  it("does not find its job count in its key", async () => {
    await using bench = await openWorkbench();
    const jobs = step("jobs", "[ $JOBS -eq 1 ]; echo done > /out/done");
    await bench.build([jobs], ["jobs"], { jobs: 1 });
    await bench.build([jobs], ["jobs"], { jobs: 8 });
    expect(bench.outcomes()).toEqual(["built jobs", "cached jobs"]);
  });
});
