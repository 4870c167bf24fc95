import { basename } from "node:path";
import type { BuildContext, Recipe } from "../../src/recipe/mod.ts";
import { recipe, unpack } from "../../src/recipe/mod.ts";
import zlib from "../zlib/recipe.ts";
import zstd from "../zstd/recipe.ts";

export interface KernelFields {
  name: string;
  summary: string;
  /** Folders of fragments beside this file; a later one's lines replace an earlier one's. Each may hold a folder per architecture. */
  configuration: string[];
}

/** One kernel in one configuration: the same source and build for all, so that they differ in their fragments alone. */
export function kernel({ name, summary, configuration }: KernelFields): Recipe {
  return recipe({
    name,
    summary,
    sources: ["linux"],
    needs: { libs: [zlib, zstd] },
    build: (context) => build(context, configuration),
    test,
  });
}

/**
 * The compiler's hardening needs no flags here: the kernel's makefiles say `-fno-PIE`, `-fcf-protection=none|branch` and
 * `-fno-stack-clash-protection` themselves, and link with ld, which knows nothing of the compiler's specs. What they do not
 * name (`-ftrivial-auto-var-init=zero` in the 16-bit setup and the decompressor) does no harm there.
 */
const build = ({ target }: BuildContext, configuration: string[]): string => `${unpack("linux")}
# Host programs must find the toolbox's libelf and libcrypto; the kernel chooses its own flags.
unset CC AS AR RANLIB LD NM STRIP OBJCOPY OBJDUMP READELF CFLAGS CPPFLAGS CXXFLAGS LDFLAGS \${!PKG_CONFIG*}
export KBUILD_BUILD_USER=hadron KBUILD_BUILD_HOST=hadron KBUILD_BUILD_VERSION=1
export KBUILD_BUILD_TIMESTAMP="$(date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %e %H:%M:%S UTC %Y')"
# Kconfig writes the versions of all tools that it finds into the configuration, and with it into the image.
variables=(ARCH=$KERNEL_ARCH CROSS_COMPILE=$TRIPLE- HOSTCC=gcc LOCALVERSION= PAHOLE=none RUSTC=none BINDGEN=none
  KCFLAGS=-ffile-prefix-map=/build/src=. ZSTD=/sysroot/usr/bin/zstd KGZIP="bash /recipe/gzip.sh")

cd /recipe
fragments=()
for folder in ${configuration.join(" ")}; do
  fragments+=($folder/*.config)
  [ ! -d $folder/$ARCH ] || fragments+=($folder/$ARCH/*.config)
done
bash merge-config.sh "\${fragments[@]}" > /build/merged.config
make -C /build/src "\${variables[@]}" KCONFIG_ALLCONFIG=/build/merged.config allnoconfig
bash check-config.sh /build/src/.config /build/src "\${fragments[@]}" 2>&1 | sed 's|^error: |error: recipes/linux/|'

cd /build/src
make "\${variables[@]}" -j$JOBS ${basename(target.kernelImage)}
modules=/out/usr/lib/modules/$(cat include/config/kernel.release)
install -D -m 644 ${target.kernelImage} $modules/vmlinuz
install -m 644 .config $modules/config
install -m 644 System.map $modules/System.map
`;

const test = ({ target, version }: BuildContext): string => `cd /sysroot/usr/lib/modules/${version}
number() { od -A n -t u$3 -j $2 -N $3 "$1" | tr -d ' '; }
text() { dd if="$1" bs=1 skip=$2 count=$3 status=none; }
[ "$(text vmlinuz 0 2)" = MZ ]
pe=$(number vmlinuz 60 4)
[ "$(text vmlinuz $pe 2)" = PE ]
${target.kernelArch === "x86" ? testSetupHeader : ""}
grep -q ' T start_kernel$' System.map
if grep '=m$' config; then exit 1; fi
echo "vmlinuz: $(stat -c %s vmlinuz) bytes, $(grep -c '=y$' config) options"
[ $(stat -c %s vmlinuz) -lt 9000000 ] || [ $KERNEL_ARCH != x86 ]
`;

/** Documentation/arch/x86/boot.rst: boot flag, magic, 64-bit entry and EFI handover (xloadflags), and the release string. */
const testSetupHeader = `[ $(number vmlinuz 510 2) = $((0xAA55)) ]
[ "$(text vmlinuz 514 4)" = HdrS ]
flags=$(number vmlinuz 566 2)
[ $((flags & 1)) = 1 ]
[ $((flags & 8)) = 8 ]
release=$(($(number vmlinuz 526 2) + 512))
IFS= read -r -d '' banner < <(text vmlinuz $release 200)
echo "$banner"
[[ "$banner" == "$(basename $PWD) (hadron@hadron) #1 SMP "* ]]`;
