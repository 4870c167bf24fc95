import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";
import { type ShownCommand, shownCommands, shownFiles } from "../docs/commands.ts";

/** Shown commands that this test does not run, each with the reason. Whatever else a page shows is run. */
const notRun: Readonly<Record<string, string>> = {
  "./hadron run cloud --disk node.raw --memory 2G --ssh-port 2222": "runs until it is ended: test/e2e/run.test.ts",
  "./hadron run cloud --credential system.hostname=node1 --cmdline systemd.log_level=debug":
    "runs until it is ended: test/e2e/run.test.ts",
  "./hadron build zlib --shell": "waits at a terminal: test/e2e/shell.test.ts",
  "./hadron sources fetch": "may use the network: a stage of `make test`",
  "./hadron toolbox fetch": "may use the network: a stage of `make test`",
  "./hadron sources update zlib": "uses the network and changes the lock: src/engine/sources/update.test.ts",
  "./hadron sources update zlib --accept-key FINGERPRINT":
    "uses the network and changes the lock: src/engine/sources/openpgp.test.ts",
  "./hadron sources update zlib --accept-unsigned":
    "uses the network and changes the lock: src/engine/sources/upstream-signature.test.ts",
  "./hadron sources update --signatures": "uses the network: src/engine/sources/update.test.ts",
  "./hadron build": "a stage of `make test`, with --offline",
  "./hadron build --require-upstream": "some components exist as repacks only; src/engine/sources/fetch.test.ts",
  "./hadron store gc --older-than 30": "removes what is not this test's: src/engine/store/maintain.test.ts",
  "./hadron store verify": "reads the whole store: src/engine/store/maintain.test.ts",
};

/** A page's commands that can be typed. */
function wholeCommands(page: string): ShownCommand[] {
  return shownCommands(page, readFileSync(join(projectRoot, page), "utf8")).filter(({ isWhole }) => isWhole);
}

function run(folder: string, text: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", text], { cwd: folder, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

let folder: string;
/** What the pages write lands beside a `./hadron` that leads to this checkout. */
let elsewhere: string;
/** A copy of this checkout, for pages that add files to it. */
let checkout: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hadron-docs-"));
  elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  symlinkSync(join(projectRoot, "hadron"), join(elsewhere, "hadron"));
  checkout = join(folder, "checkout");
  mkdirSync(checkout);
  const files = ["hadron", "package.json", "package-lock.json", "sources.lock.json", "toolbox.lock.json"];
  for (const name of [...files, "src", "recipes", "images", "os", "os-initrd"])
    cpSync(join(projectRoot, name), join(checkout, name), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(projectRoot, "node_modules"), join(checkout, "node_modules"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(["docs/quickstart.md", "docs/build-system.md"])("the commands of %s", (page) => {
  const commands = wholeCommands(page).filter(({ text }) => !(text in notRun));

  it("are some", () => {
    expect(commands.length).toBeGreaterThan(3);
  });

  it.each(commands.map(({ text }) => text))("%s", (text) => {
    const { status, output } = run(elsewhere, text);
    expect(status, output).toBe(0);
    expect(output.trim()).not.toBe("");
  });
});

describe("the example of docs/customising.md", () => {
  const page = "docs/customising.md";
  const commands = wholeCommands(page).filter(({ text }) => !(text in notRun));

  beforeAll(() => {
    const files = shownFiles(readFileSync(join(projectRoot, page), "utf8"));
    expect([...files.keys()]).toEqual(["recipes/hello/hello.c", "recipes/hello/recipe.ts", "images/node.ts"]);
    for (const [path, content] of files) {
      mkdirSync(dirname(join(checkout, path)), { recursive: true });
      writeFileSync(join(checkout, path), content);
    }
  });

  it.each(commands.map(({ text }) => text))("%s", (text) => {
    const { status, output } = run(checkout, text);
    expect(status, output).toBe(0);
  });

  it("has its component in its image", () => {
    const { output } = run(checkout, "./hadron why /usr/bin/hello");
    expect(output).toContain("/usr/bin/hello comes from hello\n");
    expect(output).toContain("image node needs hello\n");
  });
});

it("every command that is not run is still shown somewhere", () => {
  const pages = ["docs/quickstart.md", "docs/build-system.md", "docs/customising.md"];
  const shown = new Set(pages.flatMap((page) => wholeCommands(page).map(({ text }) => text)));
  expect(Object.keys(notRun).filter((text) => !shown.has(text))).toEqual([]);
});
