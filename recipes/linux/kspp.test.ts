import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configurations } from "./configuration/configuration.ts";
import { checkKspp, deviations, expectations, recommended, recommendedWithModules } from "./kspp.ts";

const folder = join(import.meta.dirname, "configuration");
const all = (["cloud", "edge"] as const).flatMap((configuration) =>
  (["6.12", "7.2"] as const).flatMap((series) =>
    (["x86_64", "aarch64"] as const).map((arch) => ({ arch, series, configuration })),
  ),
);

/** What the fragments ask for; an option that none names is off, because the configuration starts from nothing. */
function asked({ arch, series, configuration }: (typeof all)[number]): Map<string, string> {
  const fragments = configurations[configuration].folders.flatMap((name) =>
    [name, `${name}/${series}`, `${name}/${arch}`, `${name}/${arch}/${series}`].flatMap((part) =>
      globSync(`${part}/*.config`, { cwd: folder }).sort(),
    ),
  );
  const { status, stdout, stderr } = spawnSync("bash", ["merge-config.sh", ...fragments], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return new Map([...stdout.matchAll(/^CONFIG_(\w+)=(.*)$/gm)].map(([, option = "", value = ""]) => [option, value]));
}

describe("recommended settings", () => {
  it.each(all)("the fragments of $configuration for $series on $arch are what the table says", (of) => {
    const values = asked(of);
    const differences = expectations(of)
      .map(({ option, value }) => ({ option, value, asked: values.get(option) ?? "n" }))
      .filter((it) => it.asked !== it.value);
    expect(differences).toEqual([]);
  });

  it("every deviation has a reason, differs, and is of a setting in the table", () => {
    for (const { option, value, because, arch } of deviations) {
      expect(because.length, option).toBeGreaterThan(10);
      const settings = { ...recommended.any, ...(arch ? recommended[arch] : {}), ...recommendedWithModules };
      expect(Object.keys(settings), option).toContain(option);
      expect(settings[option], option).not.toBe(value);
    }
  });

  it("the check names each difference between the table and a finished configuration", () => {
    const of = { arch: "x86_64", series: "6.12", configuration: "cloud" } as const;
    const right = expectations(of).filter(({ value }) => value !== "n");
    const run = (lines: string[]) => {
      const at = mkdtempSync(join(tmpdir(), "kspp-"));
      writeFileSync(join(at, "config"), lines.join("\n"));
      const result = spawnSync("bash", ["--norc", "-euo", "pipefail", "-c", checkKspp(of)], {
        cwd: at,
        encoding: "utf8",
      });
      rmSync(at, { recursive: true });
      return result;
    };
    const lines = right.map(({ option, value }) => `CONFIG_${option}=${value}`);
    expect(run(lines)).toMatchObject({ status: 0, stderr: "" });
    const { status, stderr } = run([...lines.filter((line) => line !== "CONFIG_BUG=y"), "CONFIG_KEXEC=y"]);
    expect(status).toBe(1);
    expect(stderr).toContain("error: CONFIG_BUG is n, and recipes/linux/kspp.ts says y");
    expect(stderr).toContain("error: CONFIG_KEXEC is y, and recipes/linux/kspp.ts says n");
  });
});
