import { rm } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../src/base/mod.ts";
import { prepareSigning, type SigningInput, signedGraph } from "../../src/cli/module-signing.ts";
import { openProject } from "../../src/cli/project.ts";
import { openWorkshop } from "../../src/cli/workshop.ts";
import { type BuiltStep, buildSteps } from "../../src/engine/mod.ts";
import { openRenderer } from "../../src/report/mod.ts";
import { keepModuleKey } from "../module-key.ts";
import { plainInput, scriptedContext } from "../scripted-context.ts";

export const outputFolder: string = join(projectRoot, "out/edge");

/** Says in every kernel that has it what it is. */
export const testSubject = "Hadron TEST key, made by make test-edge";

export async function testKey(): Promise<string> {
  const path = join(outputFolder, "TEST-KEY.pem");
  await keepModuleKey({ path, subject: testSubject });
  return path;
}

const noSigning: SigningInput = { moduleKey: undefined, moduleSignatures: undefined, saveSignatures: undefined };

/**
 * Builds steps of the image as the command does.
 * @param options.again Steps to make anew although the store has them
 */
export async function build(
  steps: readonly string[],
  signing: Partial<SigningInput>,
  { again = [] }: { again?: readonly string[] } = {},
): Promise<Map<string, BuiltStep>> {
  const { emit } = openRenderer(process.stderr, "plain");
  const context = scriptedContext(emit);
  const project = await openProject("x86_64", context, { images: ["edge"] });
  const prepared = await prepareSigning(project, steps, { ...noSigning, ...signing });
  await using workshop = await openWorkshop(project, plainInput(), context);
  await using signed = await signedGraph(project.graph, prepared, workshop.options);
  return await buildSteps(signed.graph, steps, { ...workshop.options, rebuild: (step) => again.includes(step.id) });
}

/** A folder of the test's own that is not there. */
export async function freePlace(name: string): Promise<string> {
  const path = join(outputFolder, name);
  await rm(path, { recursive: true, force: true });
  return path;
}
