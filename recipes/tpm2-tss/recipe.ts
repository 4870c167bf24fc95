import { autotools, recipe } from "../../src/recipe/mod.ts";
import openssl from "../openssl/recipe.ts";

/**
 * What systemd loads at run time: ESYS with its marshalling and error texts, and the way to /dev/tpmrm0. ESYS has its own copy of the
 * loader of transports, so that library is left out; systemd brings the udev rules. The archive lacks configure and VERSION, which
 * upstream makes from git.
 */
export default recipe({
  name: "tpm2-tss",
  summary: "Libraries to talk to a TPM 2.0",
  needs: { libs: [openssl] },
  build: autotools({
    before: ({ version }) => `echo ${version} > VERSION
sed -i '/^git describe/d' bootstrap
# libltdl's macro: which library has dlopen. musl's C library has it.
mkdir -p m4 && echo 'AC_DEFUN([LT_LIB_DLLOAD], [AC_SUBST([LIBADD_DL])])' > m4/dlload.m4
./bootstrap`,
    // configure wants either systemd-sysusers or useradd on the build host, for a user that we don't make.
    env: { CFLAGS: "$CFLAGS -std=gnu99", ac_cv_prog_systemd_sysusers: "yes" },
    configure: [
      "--disable-fapi",
      "--disable-policy",
      "--enable-tcti-device",
      ...[
        "cmd",
        "i2c-ftdi",
        "i2c-helper",
        "libtpms",
        "mssim",
        "pcap",
        "spi-ftdi",
        "spi-helper",
        "spi-ltt2go",
        "spidev",
        "swtpm",
      ].map((name) => `--disable-tcti-${name}`),
      "--disable-defaultflags",
      "--disable-doxygen-doc",
      "--disable-log-file",
      "--with-crypto=ossl",
      "--with-maxloglevel=warning",
      "--with-udevrulesdir=/usr/lib/udev/rules.d",
    ],
    after: `rm -rf /out/etc /out/run /out/var /out/usr/lib/udev
rm /out/usr/lib/libtss2-tctildr.so* /out/usr/lib/pkgconfig/tss2-tctildr.pc /out/usr/include/tss2/tss2_tctildr.h`,
  }),
  test: () => `cat > test.c <<'END'
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tcti_device.h>
int main(void) {
  TPM2B_DIGEST digest = {.size = 3, .buffer = {'a', 'b', 'c'}}, back = {0};
  uint8_t bytes[8];
  size_t written = 0, read = 0, size = 0;
  if (Tss2_MU_TPM2B_DIGEST_Marshal(&digest, bytes, sizeof bytes, &written) || written != 5 || memcmp(bytes, "\\0\\3abc", 5)) return 1;
  if (Tss2_MU_TPM2B_DIGEST_Unmarshal(bytes, written, &read, &back) || back.size != 3 || memcmp(back.buffer, "abc", 3)) return 2;
  read = back.size = 0;
  if (Tss2_MU_TPM2B_DIGEST_Unmarshal(bytes, 4, &read, &back) != TSS2_MU_RC_INSUFFICIENT_BUFFER) return 3;
  /* The way to the TPM is found by name, as systemd and ESYS do it. */
  void *device = dlopen("libtss2-tcti-device.so.0", RTLD_NOW);
  TSS2_TCTI_INFO_FUNC info = device ? (TSS2_TCTI_INFO_FUNC) dlsym(device, TSS2_TCTI_INFO_SYMBOL) : 0;
  if (!info || info()->init(0, &size, 0)) return 4;
  TSS2_RC rc = info()->init(calloc(1, size), &size, "/dev/no-such-tpm");
  if (rc != TSS2_TCTI_RC_IO_ERROR || strncmp(Tss2_RC_Decode(rc), "tcti:", 5)) return 5;
  ESYS_CONTEXT *context = 0;
  return Esys_Initialize(&context, 0, 0) ? 0 : 6;
}
END
$CC -Wall -Werror -o test test.c $(pkg-config --cflags --libs tss2-esys tss2-mu tss2-rc tss2-tcti-device)
./test
test ! -e /sysroot/usr/lib/libtss2-tctildr.so.0
`,
});
