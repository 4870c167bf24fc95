/**
 * `make test-edge`: the image `edge` with a key of its own, that the compiled kernel is what is signed, that signatures alone make
 * the same image, and two machines that it has drivers for.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import edge from "../../images/edge.ts";
import { cacheRoot, projectRoot, sha256OfFile } from "../../src/base/mod.ts";
import { ensureToolboxSet } from "../../src/engine/mod.ts";
import { loadRecipes } from "../../src/graph/mod.ts";
import { parseDigests } from "../../src/image/mod.ts";
import { targets } from "../../src/recipe/mod.ts";
import { componentsOf, lintRoot, sharedFiles, toolboxDigests } from "../../src/rootfs/mod.ts";
import { runCommand } from "../bench/command.ts";
import { exposureOfShipped } from "../e2e/support/shipped-units.ts";
import { overexposed } from "../e2e/support/units.ts";
import { build, freePlace, outputFolder, testKey } from "./build.ts";
import { openChecks } from "./checks.ts";
import { bootFromSata, bootFromUsb } from "./machines.ts";
import { spoiltModulesDisk } from "./spoilt-modules.ts";

const signedKernel = "linux-edge-signed";
const checks = openChecks((line) => console.log(line));

await checks.attempt("the image is built, tested and booted", async () => {
  const moduleKey = await testKey();
  const signatures = await freePlace("signatures");
  const disk = join(outputFolder, "edge.raw");
  const components = componentsOf({ image: edge, recipes: await loadRecipes(join(projectRoot, "recipes")) });
  const names = components.map(({ name }) => name);
  // The tests of both kernels: OpenSSL judges each signature, and finds the certificate in the image.
  const steps = ["linux-edge:test", signedKernel, `${signedKernel}:test`, "edge:root", ...names];
  const built = await build(steps, { moduleKey, saveSignatures: signatures });
  const pathOf = (step: string): string => built.get(step)?.path ?? "";
  runCommand(["./hadron", "image", "edge", "--module-key", moduleKey, "--as", "disk", "--output", disk]);

  await checks.attempt("a list of its digests", async () => {
    const list = await freePlace("edge.digests");
    runCommand(["./hadron", "digests", "edge", "--module-key", moduleKey, "--output", list]);
    const { artifacts } = parseDigests(await readFile(list, "utf8"), list);
    checks.expect(
      "it has the disk that was made by the same key",
      artifacts.get("edge.disk"),
      await sha256OfFile(disk),
    );
  });

  await checks.attempt("the root tree", async () => {
    const toolbox = await ensureToolboxSet("build", { cacheRoot: cacheRoot() });
    const facts = { loader: targets.x86_64.loader, toolboxFiles: await toolboxDigests(toolbox.path) };
    const findings = lintRoot(pathOf("edge:root"), facts).map(
      ({ linter, path, what }) => `${linter}: ${path}: ${what}`,
    );
    checks.expect("the root tree passes every linter", findings.join("\n"), "");
    const trees = Object.fromEntries(names.map((name) => [name, pathOf(name)]));
    const shared = sharedFiles(pathOf("edge:root"), trees);
    checks.expect("no file of it comes from two components", shared.join("\n"), "");
    const exposures = await exposureOfShipped(pathOf("edge:root"));
    const isJudged = exposures.some(({ unit }) => unit === "iscsid.service");
    const over = overexposed(exposures);
    checks.expect("no service of it is exposed more than it must be, iscsid neither", `${isJudged} ${over}`, "true ");
  });

  const release = join(pathOf(signedKernel), "usr/lib/modules");
  const [softdog = ""] = runCommand(["find", release, "-name", "softdog.ko.zst"]).split("\n");
  const modules = await spoiltModulesDisk(softdog);
  await checks.attempt("a machine with SATA", () => bootFromSata(disk, modules, checks));
  await checks.attempt("a machine with USB", () => bootFromUsb(disk, checks));

  await checks.attempt("the same without the key", async () => {
    const again = await build([signedKernel], { moduleSignatures: signatures }, { again: [signedKernel] });
    const outputs = [again, built].map((steps) => steps.get(signedKernel)?.output);
    checks.expect("made again of signatures alone, the kernel is the same", outputs[0], outputs[1]);
    const other = join(outputFolder, "again.raw");
    const words = ["--module-signatures", signatures, "--cache", "no", "--as", "disk", "--output", other];
    runCommand(["./hadron", "image", "edge", ...words]);
    checks.expect("and so is the disk", await sha256OfFile(other), await sha256OfFile(disk));
  });
});

console.log(`${checks.passed()} passed, ${checks.failed()} failed`);
process.exitCode = checks.failed() === 0 && checks.passed() > 0 ? 0 : 1;
