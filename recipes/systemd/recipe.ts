import { meson, recipe } from "../../src/recipe/mod.ts";
import cryptsetup from "../cryptsetup/recipe.ts";
import curl from "../curl/recipe.ts";
import kmod from "../kmod/recipe.ts";
import libarchive from "../libarchive/recipe.ts";
import libseccomp from "../libseccomp/recipe.ts";
import libucontext from "../libucontext/recipe.ts";
import openssl from "../openssl/recipe.ts";
import tpm2Tss from "../tpm2-tss/recipe.ts";
import utilLinux from "../util-linux/recipe.ts";
import xz from "../xz/recipe.ts";
import zlib from "../zlib/recipe.ts";
import zstd from "../zstd/recipe.ts";
import { missingSymbols, refused, takenBack } from "./broken-on-musl.ts";
import { mesonOptions } from "./options.ts";
import { daemonsWithoutOptions, loaded, programs } from "./programs.ts";

/** Of the hardware database: the clouds whose metadata services are known, and TPMs with faults. The rest is names for reading. */
const hardware = ["40-imds.hwdb", "60-tpm2.hwdb"];

/** Fails unless the log has the message: one that is gone may mean that musl can do more than it could. */
const expectMessage = (message: string, log: string): string =>
  `grep -F -q -e '${message}' ${log} || { echo 'Meson no longer says "${message}": change broken-on-musl.ts'; exit 1; }`;

/** The toolbox brings gperf and python3 with jinja2, pyelftools (boot loader and stub) and pefile (ukify). */
export default recipe({
  name: "systemd",
  summary:
    "Init, udev, network, resolver, journal, containers, boot loader and the tools for partitions, verity, TPMs and updates",
  needs: {
    libs: [cryptsetup, curl, kmod, libarchive, libseccomp, libucontext, openssl, tpm2Tss, utilLinux, xz, zlib, zstd],
  },
  build: meson({
    before: `if meson setup /build/refused --cross-file=/cross/meson.cross --auto-features=disabled -Dlibc=musl \\
  -D${Object.keys(refused)[0]}=enabled > /build/refused.log 2>&1; then
  echo 'Meson takes ${Object.keys(refused)[0]} with musl: change broken-on-musl.ts'
  exit 1
fi
${expectMessage(Object.values(refused)[0] ?? "", "/build/refused.log")}`,
    options: ({ version }) => mesonOptions(version),
    after: `${Object.values(takenBack)
      .map((message) => expectMessage(message, "/build/meson/meson-logs/meson-log.txt"))
      .join("\n")}
$TRIPLE-nm -D --defined-only --format=just-symbols /sysroot/usr/lib/libc.so > /build/symbols
for symbol in ${Object.keys(missingSymbols).join(" ")}; do
  ! grep -x -q -e $symbol /build/symbols || { echo "musl has $symbol: change broken-on-musl.ts"; exit 1; }
done
test -f /out/usr/lib/systemd/boot/efi/systemd-boot$EFI_ARCH.efi
test -f /out/usr/lib/systemd/boot/efi/linux$EFI_ARCH.efi.stub
find /out/usr/lib/udev/hwdb.d -type f ${hardware.map((name) => `! -name ${name}`).join(" ")} -delete
LD_LIBRARY_PATH=/out/usr/lib/systemd /out/usr/bin/systemd-hwdb --root=/out --usr --strict update
test -s /out/usr/lib/udev/hwdb.bin`,
  }),
  // RPATH names the private libraries' place in the OS; here it is another.
  test: ({ version, target }) => `export LD_LIBRARY_PATH=/sysroot/usr/lib/systemd
for program in ${programs.join(" ")}; do
  /sysroot/usr/$program --version > version || { echo "$program does not answer"; exit 1; }
  grep -E -q '^(systemd )?${version}( |$)' version || { echo "$program is of another version"; exit 1; }
done
for program in ${daemonsWithoutOptions.join(" ")}; do
  /sysroot/usr/lib/libc.so --list /sysroot/usr/$program
done
# libfdisk and libblkid are loaded when they are needed.
mkdir repart.d
printf '[Partition]\\nType=linux-generic\\nSizeMinBytes=1M\\n' > repart.d/10-test.conf
/sysroot/usr/bin/systemd-repart --definitions=repart.d --empty=create --size=8M --seed=0d7b6ec0-5ce0-4ad7-9f3a-3a2a8ef9ad34 \\
  --offline=yes --dry-run=no disk
test "$(stat -c %s disk)" = 8388608
# Loaded when they are needed as well, by what has no work without a network, a TPM or root.
for library in ${loaded.join(" ")}; do test -e /sysroot/usr/lib/$library; done
/sysroot/usr/bin/systemd-hwdb --root=/sysroot query 'dmi:bvnAmazonEC2:bvr1.0:' > cloud
grep -x -q 'IMDS_VENDOR=amazon-ec2' cloud
PYTHONDONTWRITEBYTECODE=1 python3 /sysroot/usr/bin/ukify --version
$TRIPLE-objdump -h /sysroot/usr/lib/systemd/boot/efi/linux${target.efi}.efi.stub > sections
grep -q '\\.sbat' sections
`,
});
