import type { BuildContext, Recipe } from "../../../src/recipe/mod.ts";
import { recipe } from "../../../src/recipe/mod.ts";
import kmod from "../../kmod/recipe.ts";
import zstd from "../../zstd/recipe.ts";
import { configured, zstdPacker } from "../build/compile.ts";
import { type Configured, kernelConfiguration } from "../configuration/configuration.ts";

export interface SignedFields extends Configured {
  name: string;
  summary: string;
  /** What compiled it, by the same configuration. */
  compiled: Recipe;
}

/**
 * A kernel with modules, ready to be used: it has the certificate that it was given, the modules have the signatures that they were
 * given, are packed, and indexed. The private key was never here. No compiling but of what unpacks the kernel at boot.
 */
export function signedKernel({ name, summary, compiled, ...fields }: SignedFields): Recipe {
  const config = kernelConfiguration(fields);
  const { source = "linux" } = fields;
  return recipe({
    name,
    summary,
    sources: [source],
    needs: { libs: [kmod, zstd], trees: [config, compiled] },
    signs: compiled,
    build: (context) => `compiled=/needs/${compiled.name}/usr/lib/modules/${context.version}
${start}
${configured({ ...fields, config, packers: zstdPacker })}
image=${context.target.kernelImage}
. /recipe/insert-certificate.sh
${packModules(context)}`,
    test: (context) => test(context, compiled),
  });
}

const start = `modules=/out/usr/lib/modules/\${compiled##*/}
certificate=/needs/signatures/certificate.der
[ -f $certificate ] || { echo "error: nobody has signed the modules: see --module-key" >&2; exit 1; }
mkdir -p $modules
(cd $compiled && find kernel -name '*.ko' -printf '%p.p7s\\n' | sort) > /build/wanted
(cd /needs/signatures && find . -name '*.p7s' -printf '%P\\n' | sort) > /build/given
# Each module has a signature, and each signature a module.
diff /build/wanted /build/given`;

/**
 * The kernel unpacks a module itself, into as many pages as it says it has, and checks the signature then: so it lies inside. One
 * thread, so that the bytes do not depend on how many there are.
 */
const packModules = ({ version, target }: BuildContext): string => `while IFS= read -r module; do
  bash /recipe/append-signature.sh $compiled/$module /needs/signatures/$module.p7s > /build/module
  mkdir -p $modules/\${module%/*}
  /sysroot/usr/bin/zstd -19 -q --single-thread -o $modules/$module.zst /build/module
  rm /build/module
done < <(sed 's/\\.p7s$//' /build/given)
install -m 644 $compiled/{modules.order,modules.builtin,modules.builtin.modinfo,System.map,config} $modules/
install -m 644 ${target.kernelImage} $modules/vmlinuz
/sysroot/usr/bin/depmod -b /out -e -F $modules/System.map ${version} 2> /build/depmod.log
cat /build/depmod.log
# Of a module that needs what nobody offers, depmod says so and goes on.
if grep -i -q -e error -e 'unknown symbol' /build/depmod.log; then exit 1; fi
`;

/**
 * OpenSSL judges every signature, over the module as it is unpacked and cut off; the certificate is in the kernel that the image
 * unpacks at boot, once; and our own modprobe finds a driver by the alias that the kernel would ask for, packed as it is.
 */
const test = ({ version, target }: BuildContext, compiled: Recipe): string => `cd /sysroot/usr/lib/modules/${version}
openssl x509 -inform DER -in /needs/signatures/certificate.der -out /build/certificate.pem
count=0
while IFS= read -r module; do
  /sysroot/usr/bin/zstd -dqf -o /build/signed $module.zst
  [ "$(tail -c 28 /build/signed | tr -d '\\0')" = '~Module signature appended~' ]
  size=$(stat -c %s /build/signed)
  length=$((0x$(od -A n -t x1 -j $((size - 32)) -N 4 /build/signed | tr -d ' ')))
  dd if=/build/signed of=/build/signature iflag=skip_bytes,count_bytes skip=$((size - 40 - length)) count=$length status=none
  truncate -s $((size - 40 - length)) /build/signed
  cmp /build/signed /needs/${compiled.name}/usr/lib/modules/${version}/$module
  openssl cms -verify -binary -inform DER -noverify -nointern -certfile /build/certificate.pem \\
    -in /build/signature -content /build/signed -out /dev/null 2> /build/judged || { cat /build/judged; exit 1; }
  count=$((count + 1))
done < modules.order
[ $count = "$(find kernel -type f -name '*.ko.zst' | wc -l)" ]
echo "$count modules, each with a signature that OpenSSL takes, $(du -sk kernel | cut -f1) KiB"
${target.kernelArch === "x86" ? testCertificate : ""}
[ "$(/sysroot/usr/bin/modprobe -d /sysroot -S ${version} -R pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00)" = e1000e ]
[ -n "$(/sysroot/usr/bin/modinfo -b /sysroot -k ${version} -F sig_id e1000e)" ]
`;

/** Documentation/arch/x86/boot.rst: setup_sects, payload_offset and payload_length; the payload ends with its own length. */
const testCertificate = `number() { od -A n -t u$3 -j $2 -N $3 "$1" | tr -d ' '; }
start=$((($(number vmlinuz 497 1) + 1) * 512 + $(number vmlinuz 584 4)))
dd if=vmlinuz of=/build/payload iflag=skip_bytes,count_bytes skip=$start count=$(($(number vmlinuz 588 4) - 4)) status=none
/sysroot/usr/bin/zstd -dqf -o /build/kernel /build/payload
python3 - /build/kernel /needs/signatures/certificate.der <<'END'
import sys
kernel, certificate = (open(path, "rb").read() for path in sys.argv[1:])
assert kernel.count(certificate) == 1, "the certificate is not in the kernel, or twice"
END`;
