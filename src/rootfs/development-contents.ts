/** What an image for building against the OS has beyond others: `development: true`. */

/** Shell patterns below the components' merged trees. What the root tree has already is left as it is there. */
export const developmentFiles: string[] = [
  "usr/include",
  // Archives, start files, and names for the linker: the root tree has the versioned ones, by which libraries are loaded.
  "usr/lib/*.{a,o,so}",
  "usr/lib/{cmake,pkgconfig}",
  "usr/share/{aclocal,cmake,pkgconfig}",
  "usr/bin/pkg-config",
];

/** Whose library is not in the root tree (see root-contents.ts). */
export const developmentExceptions: string[] = ["usr/include/libudev.h", "usr/lib/pkgconfig/libudev.pc"];
