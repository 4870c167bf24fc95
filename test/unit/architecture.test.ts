import { expect, it } from "vitest";
import { projectRoot } from "../../src/base/mod.ts";
import { openProject } from "../../src/cli/project.ts";
import { projectFiles } from "./tree.ts";

it("ARCHITECTURE.md has every step that an image adds, and no other", async () => {
  const { graph } = await openProject("x86_64", { root: projectRoot }, { images: ["cloud"] });
  const page = projectFiles("ARCHITECTURE.md").get("ARCHITECTURE.md") ?? "";
  const rows = [...page.matchAll(/^\| `(cloud:[a-z-]+)` \| `src\//gm)].map(([, id = ""]) => id);
  expect(rows.sort()).toEqual([...graph.steps.keys()].filter((id) => id.startsWith("cloud:")).sort());
});
