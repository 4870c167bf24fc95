import { basename } from "node:path";
import type { BuildContext, Recipe, Script } from "../../../src/recipe/mod.ts";
import { recipe, unpack } from "../../../src/recipe/mod.ts";
import zlib from "../../zlib/recipe.ts";
import zstd from "../../zstd/recipe.ts";
import type { Configured } from "../configuration/configuration.ts";
import { configurations } from "../configuration/configuration.ts";
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

const build = (
  context: BuildContext,
  fields: CompileFields,
): string => `${configured({ ...fields, packers: `${zstdPacker} KGZIP="bash /recipe/gzip.sh"` })}
${configurations[fields.configuration].hasModules ? makeWithModules(context) : makeImage(context)}`;

/** Packs the image, with our own program: a variable for make. */
export const zstdPacker = "ZSTD=/sysroot/usr/bin/zstd";

/**
 * Lines of bash that leave the kernel's source in `/build/src`, configured, as the working folder, and an array `variables` for make.
 * @param fields.packers Variables for make that name programs of the step which packs with them
 */
export const configured = ({
  source = "linux",
  config,
  btf,
  packers,
}: Pick<CompileFields, "source" | "config" | "btf"> & { packers: string }): string => `${unpack(source)}
${makeVariables({ btf })}
variables+=(${packers})
cp /needs/${config.name}/config .config
make "\${variables[@]}" olddefconfig
# The tools here are those that the configuration was made with, or it would be another.
diff /needs/${config.name}/config .config`;

const makeImage = ({ target }: BuildContext): string => `make "\${variables[@]}" -j$JOBS ${basename(target.kernelImage)}
modules=/out/usr/lib/modules/$(cat include/config/kernel.release)
install -D -m 644 ${target.kernelImage} $modules/vmlinuz
install -m 644 .config $modules/config
install -m 644 System.map $modules/System.map
`;

/**
 * What a step without a compiler's half hour makes the signed kernel of: `vmlinux` and its relocations, from which the image is
 * made again once the certificate is in, that image as it is without one, to compare with, and the modules, all without debug
 * information. That makes the bulk of what is compiled here, and of it only the type information stays.
 */
const makeWithModules = ({
  target,
}: BuildContext): string => `# All errors of a new compiler at once, not one in each run.
make "\${variables[@]}" -j$JOBS --keep-going ${basename(target.kernelImage)} modules
# A key that the build made itself would make each build another kernel.
[ ! -e certs/signing_key.pem ]
[ ! -s certs/signing_key.x509 ]
modules=/out/usr/lib/modules/$(cat include/config/kernel.release)
# depmod's indexes name files, and those of the signed modules have other names.
make "\${variables[@]}" INSTALL_MOD_PATH=/out/usr INSTALL_MOD_STRIP=1 DEPMOD=true modules_install
rm $modules/build
install -m 644 ${target.kernelImage} $modules/vmlinuz
install -m 644 .config $modules/config
install -m 644 System.map $modules/System.map
relocations=arch/$KERNEL_ARCH/boot/compressed/vmlinux.relocs
[ ! -f $relocations ] || install -m 644 $relocations $modules/vmlinux.relocs
$TRIPLE-objcopy --strip-debug vmlinux $modules/vmlinux
`;
