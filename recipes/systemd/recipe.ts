import { meson, recipe } from "../../src/recipe/mod.ts";
import cryptsetup from "../cryptsetup/recipe.ts";
import kmod from "../kmod/recipe.ts";
import libseccomp from "../libseccomp/recipe.ts";
import libucontext from "../libucontext/recipe.ts";
import openssl from "../openssl/recipe.ts";
import utilLinux from "../util-linux/recipe.ts";
import zstd from "../zstd/recipe.ts";
import { mesonOptions } from "./options.ts";

/** The toolbox brings gperf and python3 with jinja2, pyelftools (boot loader and stub) and pefile (ukify). */
export default recipe({
  name: "systemd",
  summary:
    "Init, udev, network, resolver, journal, boot loader and the tools for partitions, verity and unified kernel images",
  needs: { libs: [cryptsetup, kmod, libseccomp, libucontext, openssl, utilLinux, zstd] },
  build: meson({
    options: ({ version }) => mesonOptions(version),
    after: `test -f /out/usr/lib/systemd/boot/efi/systemd-boot$EFI_ARCH.efi
test -f /out/usr/lib/systemd/boot/efi/linux$EFI_ARCH.efi.stub`,
  }),
  // RPATH names the private libraries' place in the OS; here it is another.
  test: ({ version, target }) => `export LD_LIBRARY_PATH=/sysroot/usr/lib/systemd
for program in lib/systemd/systemd bin/systemd-analyze bin/systemd-repart bin/systemd-sysusers bin/systemctl; do
  /sysroot/usr/$program --version > version
  grep -q "^systemd ${version} " version
done
# libfdisk and libblkid are loaded when they are needed.
mkdir repart.d
printf '[Partition]\\nType=linux-generic\\nSizeMinBytes=1M\\n' > repart.d/10-test.conf
/sysroot/usr/bin/systemd-repart --definitions=repart.d --empty=create --size=8M --seed=0d7b6ec0-5ce0-4ad7-9f3a-3a2a8ef9ad34 \\
  --offline=yes --dry-run=no disk
test "$(stat -c %s disk)" = 8388608
PYTHONDONTWRITEBYTECODE=1 python3 /sysroot/usr/bin/ukify --version
$TRIPLE-objdump -h /sysroot/usr/lib/systemd/boot/efi/linux${target.efi}.efi.stub > sections
grep -q '\\.sbat' sections
`,
});
