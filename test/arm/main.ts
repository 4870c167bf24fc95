/**
 * `make test-arm`: the aarch64 toolchain and C library from the same recipes, their tests, and a program made with them
 * that is run by qemu-user.
 */
import { join } from "node:path";
import { runProcess } from "../../src/base/mod.ts";
import { openProject } from "../../src/cli/project.ts";
import { openWorkshop } from "../../src/cli/workshop.ts";
import { buildSteps, ensureToolboxSet } from "../../src/engine/mod.ts";
import { openRenderer } from "../../src/report/mod.ts";
import { plainInput, scriptedContext } from "../scripted-context.ts";
import { hello } from "./hello.ts";

const greeting = "hello from aarch64\n";

const { emit } = openRenderer(process.stderr, "plain");
const context = scriptedContext(emit);
const project = await openProject("aarch64", context, { more: [hello] });

const program = await (async () => {
  await using workshop = await openWorkshop(project, plainInput(), context);
  const wanted = ["toolchain:test", "musl:test", hello.name, `${hello.name}:test`];
  const built = await buildSteps(project.graph, wanted, workshop.options);
  return join(built.get(hello.name)?.path ?? "", "usr/bin", hello.name);
})();

const emulator = await ensureToolboxSet("emulate", { cacheRoot: context.cacheRoot, emit });
const { exitCode, stdout, stderr } = await runProcess(join(emulator.path, "usr/bin/qemu-aarch64"), [program]);
const passed = exitCode === 0 && stdout === greeting;
if (!passed) console.log(`"${program}" ended with status ${exitCode} and said "${stdout}${stderr}"`);
console.log(passed ? "1 passed, 0 failed" : "0 passed, 1 failed");
process.exitCode = passed ? 0 : 1;
