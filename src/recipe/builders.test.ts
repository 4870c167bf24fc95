import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { autotools, cmake, meson, quote, shell, unpack } from "./builders.ts";
import type { Script } from "./recipe.ts";
import { targets } from "./target.ts";

const context = { target: targets.x86_64, name: "thing", version: "1.2" };

const scripts: Record<string, Script> = {
  autotools: autotools({ before: "autoreconf -fi", configure: ["--with-x"], after: "rm -f /out/usr/bin/y" }),
  meson: meson({ options: { tests: false, mode: "release" } }),
  cmake: cmake({ subdir: "sub", options: { TESTS: false, MODE: "release" } }),
  "meson with static libraries": meson({ static: true }),
  shell: shell(({ version }) => `make VERSION=${version}`),
};

describe.each(Object.entries(scripts))("%s", (_, script) => {
  it("is a valid shell script that starts in the unpacked source", () => {
    const text = script(context);
    expect(spawnSync("bash", ["-n"], { input: text, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    expect(text.startsWith(unpack("thing"))).toBe(true);
  });

  it("gives the same text for the same context", () => {
    expect(script(context)).toBe(script({ ...context }));
  });
});

describe("conventions", () => {
  it("installs below /usr, without sbin, static libraries and documentation", () => {
    for (const name of ["autotools", "meson", "cmake"]) {
      const text = scripts[name]?.(context) ?? "";
      expect(text).toMatch(/sbindir=(\/usr\/)?bin|SBINDIR=bin/);
      expect(text).toContain("-name '*.la' -delete");
      expect(text).toContain("/out/usr/share/{");
    }
  });

  it("makes and keeps static libraries where a recipe asks for them, and no others", () => {
    const flags = [
      [autotools, "--enable-static --with-pic", "--disable-static"],
      [meson, "--default-library=both", "--default-library=shared"],
    ] as const;
    for (const [build, withThem, without] of flags) {
      expect(build({ static: true })(context)).toContain(` ${withThem} `);
      expect(build({})(context)).toContain(` ${without} `);
      expect(build({})(context)).not.toContain(withThem);
    }
    // What makes them is an option of the project's own.
    expect(cmake({ static: true, options: { BUILD_STATIC_LIBS: true } })(context)).toContain("-DBUILD_STATIC_LIBS=ON");
    for (const build of [autotools, meson, cmake]) {
      expect(build({ static: true })(context)).not.toContain("*.a");
      expect(build({ static: true })(context)).toContain("-name '*.la' -delete");
      expect(build({})(context)).toContain("-name '*.a' -delete -o -name '*.la' -delete");
    }
  });

  it("runs a recipe's own lines after everything else", () => {
    const text = scripts.autotools?.(context) ?? "";
    expect(text.indexOf("autoreconf -fi")).toBeLessThan(text.indexOf("./configure"));
    expect(text.trimEnd().endsWith("rm -f /out/usr/bin/y")).toBe(true);
  });

  it("writes options the way each build system reads them", () => {
    expect(scripts.meson?.(context)).toContain("-Dtests=false -Dmode=release");
    expect(scripts.cmake?.(context)).toContain("-DTESTS=OFF -DMODE=release");
    expect(scripts.shell?.(context)).toContain("make VERSION=1.2");
  });
});

describe("quote", () => {
  it.each(["plain", "--with=a,b", "two words", 'a "quoted" \\ word', "a`b", ""])(
    "hands %j to a program unchanged",
    (word) => {
      expect(spawnSync("bash", ["--norc", "-c", `printf %s ${quote(word)}`], { encoding: "utf8" }).stdout).toBe(word);
    },
  );

  it("leaves variables of the step to the shell", () => {
    const options = { encoding: "utf8" as const, env: { ...process.env, TRIPLE: "a-b-c" } };
    expect(spawnSync("bash", ["--norc", "-c", `printf %s ${quote("--host=$TRIPLE")}`], options).stdout).toBe(
      "--host=a-b-c",
    );
  });
});
