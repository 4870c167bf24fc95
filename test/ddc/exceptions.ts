import type { Shipped } from "./shipped.ts";

/** What is known to follow the toolbox's versions. */
export interface Exception {
  /** Files of a root tree: `toolchain:root cross/bin/x`. */
  files: RegExp;
  /** Kernels and artifacts that follow from them: `linux`, `toolchain.oci`. */
  others: RegExp;
  /** As it stands in the README. */
  cause: string;
}

/** Each with a cause that was looked into; what can be mended is no exception. */
export const exceptions: readonly Exception[] = [
  {
    files: /^edge:root usr\/lib\/modules\//,
    others: /^(linux-edge-signed|edge\.(?!initrd$).*)$/,
    cause:
      "the kernel of `edge` and its modules have type information (BTF, no other section differs), which the toolbox's pahole writes",
  },
  {
    files: /^toolchain:root (cross\/(bin|lib\/gcc)\/|usr\/lib\/cmake\/|usr\/share\/hadron\/sbom\.)/,
    others: /^toolchain\./,
    cause:
      "the image `toolchain` has the compiler itself, compiled by the toolbox's with its C library; what CMake writes for its own later use; and the list of these",
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
      const cause = known.find((exception) => exception[kind].test(name))?.cause;
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
