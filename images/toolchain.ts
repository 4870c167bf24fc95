import binutils from "../recipes/binutils/recipe.ts";
import e2fsprogs from "../recipes/e2fsprogs/recipe.ts";
import gcc from "../recipes/gcc/recipe.ts";
import libcap from "../recipes/libcap/recipe.ts";
import make from "../recipes/make/recipe.ts";
import pkgconf from "../recipes/pkgconf/recipe.ts";
import toolchain from "../recipes/toolchain/recipe.ts";
import { image } from "../src/rootfs/mod.ts";
import container from "./container.ts";

/** What runs in a container, the libraries that only a node has, and what builds with all of them. */
export default image({
  name: "toolchain",
  summary: "Building against the OS: compiler, headers, static libraries, make and pkg-config",
  version: container.version,
  components: [...container.components, e2fsprogs, libcap, ...[binutils, gcc, make, pkgconf, toolchain]],
  development: true,
});
