import { dirname, join } from "node:path";

/** A file imports from its own folder and from lower layers only. Folders of one number don't see each other. */
const layers: Record<string, number> = {
  base: 0,
  formats: 1,
  contract: 1,
  recipe: 2,
  oci: 2,
  boot: 2,
  vm: 2,
  report: 2,
  graph: 3,
  agent: 3,
  engine: 4,
  rootfs: 4,
  image: 5,
  attest: 6,
  cli: 7,
};

/** Folders that may see less than their number allows: the agent goes onto the node. */
const onlySees: Record<string, string[]> = {
  agent: ["base", "formats", "contract", "oci", "boot"],
};

/** What recipes and images, which are data, may import from the program. */
const dataMayImport: Record<string, { doors: string[]; folders: string[] }> = {
  recipes: { doors: ["src/recipe/mod.ts"], folders: ["recipes"] },
  images: { doors: ["src/rootfs/mod.ts"], folders: ["images", "recipes"] },
};

/** Packages that have one home; all others of package.json may be imported anywhere below `src/`. */
const packageHomes: Record<string, string[]> = {
  execa: ["base"],
  commander: ["cli"],
  openpgp: ["engine"],
};

/** One sentence for each import that breaks a rule: `src/base/a.ts imports src/graph/mod.ts: upward`. */
export function layerViolations(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([path, source]) =>
    importsOf(source).flatMap((specifier) => {
      const reason = specifier.startsWith(".")
        ? refuseRelative(path, join(dirname(path), specifier))
        : refusePackage(path, specifier);
      return reason ? [`${path} imports ${specifier}: ${reason}`] : [];
    }),
  );
}

/** Specifiers of static imports, re-exports and dynamic imports of a literal; types count as well. */
export function importsOf(source: string): string[] {
  const code = source.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  const patterns = [
    /^(?:import|export)\b[^"'`;]*?\bfrom\s+["']([^"']+)["']/gm,
    /^import\s+["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
}

function refuseRelative(from: string, to: string): string | undefined {
  const [fromTop = "", fromFolder = ""] = from.split("/");
  const [toTop = "", toFolder = ""] = to.split("/");
  const data = dataMayImport[fromTop];
  if (data) {
    if (data.doors.includes(to) || data.folders.includes(toTop)) return undefined;
    return `${fromTop}/ may import ${[...data.doors, ...data.folders.map((folder) => `${folder}/`)].join(", ")} only`;
  }
  if (fromTop !== "src") return undefined;
  const fromLayer = layers[fromFolder];
  if (fromLayer === undefined) return `src/${fromFolder} has no layer`;
  if (toTop !== "src") return fromFolder === "cli" ? undefined : "only src/cli reaches outside src/";
  if (fromFolder === toFolder) return undefined;
  const toLayer = layers[toFolder];
  if (toLayer === undefined) return `src/${toFolder} has no layer`;
  if (toLayer === fromLayer) return "sideways";
  if (toLayer > fromLayer) return "upward";
  if (onlySees[fromFolder]?.includes(toFolder) === false) return `src/${fromFolder} may not see src/${toFolder}`;
  if (to !== `src/${toFolder}/mod.ts`) return `bypasses src/${toFolder}/mod.ts`;
  return undefined;
}

function refusePackage(from: string, specifier: string): string | undefined {
  const [top = "", folder = ""] = from.split("/");
  if (from.endsWith(".test.ts")) return undefined;
  if (top in dataMayImport) return specifier === "node:path" ? undefined : `${top}/ is data: no I/O, no packages`;
  if (specifier === "vitest" || specifier === "fast-check") return top === "src" ? "for tests only" : undefined;
  const homes = packageHomes[specifier];
  if (homes && top === "src" && !homes.includes(folder)) return `belongs to src/${homes.join(", src/")}`;
  return undefined;
}
