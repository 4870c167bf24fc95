import { basename } from "node:path";
import type { BuildContext, Recipe, Script } from "../../../src/recipe/mod.ts";
import { recipe, unpack } from "../../../src/recipe/mod.ts";
import zlib from "../../zlib/recipe.ts";
import zstd from "../../zstd/recipe.ts";
import type { Configured } from "../configuration/configuration.ts";
import { makeVariables } from "../make.ts";

export interface CompileFields extends Configured {
  name: string;
  summary: string;
  /** The step that made `config`. */
  config: Recipe;
  test: Script;
}

/**
 * Compiles a kernel by a finished configuration. In a folder of its own: the files beside a recipe are part of its key, and
 * the fragments of all configurations must not be.
 */
export function compile(fields: CompileFields): Recipe {
  const { name, summary, source = "linux", config, test } = fields;
  return recipe({
    name,
    summary,
    sources: [source],
    needs: { libs: [zlib, zstd], trees: [config] },
    build: (context) => build(context, fields),
    test,
  });
}

const build = ({ target }: BuildContext, { source = "linux", config, btf }: CompileFields): string => `${unpack(source)}
${makeVariables({ btf })}
variables+=(ZSTD=/sysroot/usr/bin/zstd KGZIP="bash /recipe/gzip.sh")
cp /needs/${config.name}/config .config
make "\${variables[@]}" olddefconfig
# The tools here are those that the configuration was made with, or it would be another.
diff /needs/${config.name}/config .config
make "\${variables[@]}" -j$JOBS ${basename(target.kernelImage)}
modules=/out/usr/lib/modules/$(cat include/config/kernel.release)
install -D -m 644 ${target.kernelImage} $modules/vmlinuz
install -m 644 .config $modules/config
install -m 644 System.map $modules/System.map
`;
