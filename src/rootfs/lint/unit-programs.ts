import { posix } from "node:path";
import type { Finding, Linter } from "./linter.ts";

const unitFolders = /^usr\/lib\/systemd\/system\/.*\.(service|socket|mount|swap)$/;
/** Programs that systemd runs without a unit. */
const hookFolders =
  /^usr\/lib\/systemd\/(system-generators|system-environment-generators|system-shutdown|system-sleep)\//;
const shells = ["ash", "bash", "dash", "sh"];

export const unitPrograms: Linter = {
  name: "unit-programs",
  what: "No shell script takes part in a boot: neither a unit nor a generator runs one",
  check: (tree) =>
    tree.entries.flatMap(({ path, kind }): Finding[] => {
      const isScript = (file: string): boolean => {
        const entry = tree.resolve(file);
        return entry?.kind === "file" && tree.read(entry.path).toString("latin1", 0, 2) === "#!";
      };
      if (kind !== "file") return [];
      const programs = hookFolders.test(path)
        ? [path]
        : unitFolders.test(path)
          ? programsOf(tree.read(path).toString("utf8"))
          : [];
      return programs
        .filter((program) => shells.includes(posix.basename(program)) || isScript(program))
        .map((program) => ({
          path,
          what: `Runs the script or shell "${program}"`,
          hint: "Say it in the unit, by conditions and one ExecStart= a step, or write a program",
        }));
    }),
};

/** Programs of Exec…= lines, without the prefixes of systemd.service(5). */
function programsOf(unit: string): string[] {
  return [...unit.matchAll(/^Exec[A-Za-z]+=[-@:+!|]*([^\s]+)/gm)].map(([, program = ""]) =>
    program.startsWith("/") ? program : `/usr/bin/${program}`,
  );
}
