import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Sha256, sha256OfFile } from "../../base/mod.ts";
import { compiler } from "./compiler.ts";
import { executableStack } from "./executable-stack.ts";
import { fixedIds } from "./fixed-ids.ts";
import { foreignText } from "./foreign-text.ts";
import { interpreters } from "./interpreters.ts";
import { kernelModules } from "./kernel-modules.ts";
import { landingPads } from "./landing-pads.ts";
import { layout } from "./layout.ts";
import { leftovers } from "./leftovers.ts";
import { libraries } from "./libraries.ts";
import { links } from "./links.ts";
import type { Finding, Linter, LintFacts } from "./linter.ts";
import { permissions } from "./permissions.ts";
import { positionIndependent } from "./position-independent.ts";
import { relro } from "./relro.ts";
import { runpath } from "./runpath.ts";
import { stackProtector } from "./stack-protector.ts";
import { stripped } from "./stripped.ts";
import { textRelocations } from "./text-relocations.ts";
import { toolboxFiles } from "./toolbox-files.ts";
import { openTree } from "./tree.ts";
import { unitPrograms } from "./unit-programs.ts";
import { unusedLibraries } from "./unused-libraries.ts";

export type { Finding, Linter } from "./linter.ts";

export const linters: readonly Linter[] = [
  compiler,
  executableStack,
  fixedIds,
  foreignText,
  interpreters,
  kernelModules,
  landingPads,
  layout,
  leftovers,
  libraries,
  links,
  permissions,
  positionIndependent,
  relro,
  runpath,
  stackProtector,
  stripped,
  textRelocations,
  toolboxFiles,
  unitPrograms,
  unusedLibraries,
];

/** Everything that is wrong with a root tree, by linter and path; empty for a good one. */
export function lintRoot(folder: string, facts: LintFacts): (Finding & { linter: string })[] {
  const tree = openTree(folder);
  return linters.flatMap((linter) => linter.check(tree, facts).map((finding) => ({ linter: linter.name, ...finding })));
}

/** Digests of the toolbox's files that could end up in a root tree; empty files are no evidence. */
export async function toolboxDigests(toolbox: string): Promise<Set<Sha256>> {
  const digests = new Set<Sha256>();
  for (const entry of readdirSync(toolbox, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && lstatSync(path).size > 0) digests.add(await sha256OfFile(path));
  }
  return digests;
}
