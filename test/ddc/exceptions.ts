import type { Shipped } from "./shipped.ts";

/** What is known to follow the toolbox's versions. */
export interface Exception {
  /** Files of a root tree: `toolchain:root cross/bin/x`. */
  files: RegExp;
  /** Kernels and artifacts that follow from them: `linux`, `toolchain.oci`. */
  others?: RegExp;
  /** As it stands in the README. */
  cause: string;
}

/** Each with a cause that was looked into; what can be mended is no exception. */
export const exceptions: readonly Exception[] = [
  {
    files: /^edge:root usr\/lib\/modules\//,
    others: /^(linux-edge-signed|edge\.(?!initrd$).*)$/,
    cause:
      "modules of `edge`, and its kernel: their type information (BTF, the one section that differs) is written by the toolbox's pahole",
  },
  {
    files: /^toolchain:root cross\/(bin|lib\/gcc)\//,
    others: /^toolchain\./,
    cause: "the compiler itself in the image `toolchain`, compiled by the toolbox's, with its C library",
  },
  {
    files: /^toolchain:root usr\/lib\/cmake\//,
    cause: "in the same image, what CMake writes in its version's way for its own later use",
  },
  {
    files: /^(edge|toolchain):root usr\/share\/hadron\/sbom\./,
    cause: "bills of materials that have the digests of these",
  },
];

export interface Explained {
  /** By cause. */
  counts: Map<string, { files: number; others: number }>;
  /** What differs without one. */
  unexplained: { files: string[]; others: string[] };
}

/** Counts the exceptions among what differs, by cause, and gives the others. */
export function explain(
  { differing, others }: Pick<Shipped, "differing" | "others">,
  known: readonly Exception[] = exceptions,
): Explained {
  const counts: Explained["counts"] = new Map();
  const unexplained: Explained["unexplained"] = { files: [], others: [] };
  const sort = (names: readonly string[], kind: "files" | "others"): void => {
    for (const name of names) {
      const cause = known.find((exception) => exception[kind]?.test(name))?.cause;
      if (cause === undefined) {
        unexplained[kind].push(name);
        continue;
      }
      const count = counts.get(cause) ?? { files: 0, others: 0 };
      count[kind]++;
      counts.set(cause, count);
    }
  };
  sort(differing, "files");
  sort(others, "others");
  return { counts, unexplained };
}
