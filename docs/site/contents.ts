/** The site's pages in the order of its navigation, by their path in the tree. A page of docs/ that is missing here fails a test. */
export interface Section {
  title: string;
  pages: readonly string[];
}

export const sections: readonly Section[] = [
  { title: "Start", pages: ["docs/overview.md", "docs/quickstart.md"] },
  {
    title: "Build",
    pages: [
      "docs/build-system.md",
      "docs/docker.md",
      "docs/reproducible.md",
      "docs/components.md",
      "docs/customising.md",
      "docs/container-images.md",
      "docs/toolchain.md",
      "docs/registries.md",
      "docs/extensions.md",
      "docs/sbom.md",
      "docs/provenance.md",
      "docs/signatures.md",
      "docs/slsa.md",
    ],
  },
  { title: "System", pages: ["docs/boot.md", "docs/kernel.md", "docs/systemd.md", "docs/ssh.md", "docs/workloads.md"] },
  {
    title: "Reference",
    pages: [
      "docs/reference/commands.md",
      "docs/reference/exit-status.md",
      "docs/reference/recipes.md",
      "docs/reference/images.md",
      "docs/reference/locks.md",
    ],
  },
  {
    title: "Project",
    pages: [
      "ROADMAP.md",
      "docs/promises.md",
      "docs/benchmarks.md",
      "docs/decisions.md",
      "ARCHITECTURE.md",
      "CONTRIBUTING.md",
      "SECURITY.md",
      "CHANGELOG.md",
    ],
  },
];

/** Pages that docs/decisions.md lists, so that each needn't be named: all files of this folder. */
export const decisionFolder = "docs/adr/";

/** The page that a site's address shows. */
export const frontPage = "docs/overview.md";

/** Where a page is in the site: `docs/adr/0001-x.md` → `adr/0001-x.html`, `ROADMAP.md` → `roadmap.html`. */
export function sitePath(source: string): string {
  if (source === frontPage) return "index.html";
  return source
    .replace(/^docs\//, "")
    .toLowerCase()
    .replace(/\.md$/, ".html");
}
