import type { Finding, Linter } from "./linter.ts";

/** Text that gives away another C library or the machine that built. */
const traces: { text: string; means: string; hint: string }[] = [
  { text: "GLIBC_", means: "symbols of glibc", hint: "It was linked for the build machine; make its build use $CC" },
  {
    text: "/ld-linux",
    means: "glibc's dynamic loader",
    hint: "It was linked for the build machine; make its build use $CC",
  },
  {
    text: "-linux-gnu/",
    means: "a library folder of the toolbox",
    hint: "Point its build to /sysroot, or drop the file",
  },
  { text: "/cross/", means: "the place of the compiler in a build", hint: "Keep build paths out of the program" },
  { text: "/needs/", means: "a place that exists in a build only", hint: "Keep build paths out of the program" },
  { text: "/recipe/", means: "a place that exists in a build only", hint: "Keep build paths out of the program" },
  { text: "/sources/", means: "a place that exists in a build only", hint: "Keep build paths out of the program" },
  { text: "/build/src", means: "the build folder", hint: "Compile with -ffile-prefix-map=/build=." },
  { text: "/build/cmake", means: "the build folder", hint: "Compile with -ffile-prefix-map=/build=." },
  { text: "/build/meson", means: "the build folder", hint: "Compile with -ffile-prefix-map=/build=." },
];

export const foreignText: Linter = {
  name: "foreign-text",
  what: "No file names glibc, another dynamic loader, or a path of the build",
  check: (tree) =>
    tree.entries.flatMap(({ path, kind }): Finding[] => {
      if (kind !== "file") return [];
      const bytes = tree.read(path);
      return traces
        .filter(({ text }) => bytes.includes(text))
        .map(({ text, means, hint }) => ({ path, what: `Holds "${text}": ${means}`, hint }));
    }),
};
