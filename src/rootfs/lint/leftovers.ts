import type { Linter } from "./linter.ts";

const unwanted: { pattern: RegExp; means: string; isForDevelopment?: true }[] = [
  { pattern: /^usr\/(local\/)?include(\/|$)/, means: "headers", isForDevelopment: true },
  { pattern: /\.(a|o|pc|h)$/, means: "files for building", isForDevelopment: true },
  { pattern: /\.la$/, means: "libtool's archives" },
  { pattern: /^usr\/share\/(doc|gtk-doc|info|man|locale)(\/|$)/, means: "documentation and translations" },
  {
    pattern: /(^|\/)(apk|apt|apt-get|dnf|dpkg|dpkg-deb|opkg|pacman|rpm|rpm2cpio|yum|zypper)$/,
    means: "a package manager",
  },
  { pattern: /^var\/lib\/(apk|apt|dpkg|pacman|rpm)(\/|$)/, means: "a package database" },
  { pattern: /\.(orig|rej|pyc)$/, means: "remains of a build" },
];

export const leftovers: Linter = {
  name: "leftovers",
  what: "No headers, static libraries, documentation, package managers or their databases",
  check: (tree, facts) =>
    tree.entries.flatMap(({ path }) =>
      unwanted
        .filter(({ pattern, isForDevelopment }) => pattern.test(path) && !(isForDevelopment && facts.isForDevelopment))
        .map(({ means }) => ({
          path,
          what: `Is one of: ${means}`,
          hint: "Drop it in the component's recipe, or add it to src/rootfs/root-contents.ts",
        })),
    ),
};
