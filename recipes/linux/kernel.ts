import { basename } from "node:path";
import type { BuildContext, Recipe } from "../../src/recipe/mod.ts";
import { compile } from "./build/compile.ts";
import type { Configured } from "./configuration/configuration.ts";
import { configurations, kernelConfiguration } from "./configuration/configuration.ts";

export interface KernelFields extends Configured {
  name: string;
  summary: string;
}

/**
 * One kernel: of one source, in one configuration. The configuration is a step of its own, so that a change to a fragment
 * that makes no difference to this kernel (a comment, another configuration's option) does not compile it again. One with modules
 * is not ready to be used: nobody has signed them.
 */
export function kernel({ name, summary, ...configured }: KernelFields): Recipe {
  return compile({
    name,
    summary,
    ...configured,
    config: kernelConfiguration(configured),
    test: test(configured),
  });
}

const test =
  (configured: Configured) =>
  ({ target, version }: BuildContext): string =>
    `cd /sysroot/usr/lib/modules/${version}
number() { od -A n -t u$3 -j $2 -N $3 "$1" | tr -d ' '; }
text() { dd if="$1" bs=1 skip=$2 count=$3 status=none; }
[ "$(text vmlinuz 0 2)" = MZ ]
pe=$(number vmlinuz 60 4)
[ "$(text vmlinuz $pe 2)" = PE ]
${target.kernelArch === "x86" ? testSetupHeader : ""}
grep -q ' T start_kernel$' System.map
${configurations[configured.configuration].hasModules ? testModules : testNoModules}
echo "${basename(target.kernelImage)}: $(stat -c %s vmlinuz) bytes, $(grep -c '=y$' config) options"
[ $(stat -c %s vmlinuz) -lt ${maximum(configured)} ] || [ $KERNEL_ARCH != x86 ]
`;

/** Bytes of the compressed x86_64 image that no change should pass unnoticed. Type information is about 2 MB of it. */
const maximum = ({ configuration, btf }: Configured): number =>
  configurations[configuration].maximumSize + (btf ? 3_000_000 : 0);

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

const testNoModules = "if grep '=m$' config; then exit 1; fi";

/**
 * Room for a certificate and none in it, the modules complete, and in each of them neither a signature nor what is for debuggers.
 * pahole reads back the types that it wrote: the kernel's, and a module's, which build on them. What they cost goes to the log.
 */
const testModules = `symbol() { "$READELF" -sW vmlinux | awk -v name="$1" '$8 == name { print $3 }'; }
[ "$(symbol system_extra_cert)" = $(sed -n 's/^CONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE=//p' config) ]
types() { awk '{ sub(/^ *\\[ *[0-9]+\\] */, "") } $1 == ".BTF" { print "0x" $5 }'; }
count=0 typed=0 bytes=0
while IFS= read -r module; do
  sections=$("$READELF" -SW "$module")
  [[ "$sections" != *' .debug_'* ]]
  [ "$(tail -c 28 "$module" | tr -d '\\0')" != '~Module signature appended~' ]
  count=$((count + 1))
  if [[ "$sections" == *' .BTF '* ]]; then
    typed=$((typed + 1))
    bytes=$((bytes + $(types <<< "$sections")))
  fi
done < modules.order
echo "$count modules, $typed with type information, $(du -sk kernel | cut -f1) KiB"
[ $count -gt 100 ]
[ $count = "$(find kernel -type f | wc -l)" ]
if grep -q '^CONFIG_DEBUG_INFO_BTF_MODULES=y' config; then
  [ $typed = $count ]
  kernel=$("$READELF" -SW vmlinux | types)
  echo "type information: $((kernel)) bytes in the kernel, $bytes in the modules, before they are packed"
  [[ "$(pahole -F btf -C task_struct vmlinux)" == *'struct task_struct {'* ]]
  [[ "$(pahole -F btf --btf_base=vmlinux -C e1000_adapter kernel/drivers/net/ethernet/intel/e1000e/e1000e.ko)" == *'struct e1000_adapter {'* ]]
fi`;
