/** `make docs`: the site in out/docs, whole; what an earlier one left there is removed. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../../src/base/mod.ts";
import { buildSite } from "./site.ts";

const folder = join(projectRoot, "out/docs");
const site = await buildSite();
rmSync(folder, { recursive: true, force: true });
for (const [path, content] of site) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
console.log(`${site.size} files: out/docs/index.html`);
