import { autotools, recipe } from "../../src/recipe/mod.ts";

/**
 * Synchronised with udev: without the cookie in its events, 10-dm.rules takes a device for one that was never activated when
 * udev looks at it again after the switch from the initrd, drops /dev/mapper/<name>, and systemd loses the device.
 * The kernel needs SysV semaphores for it, and dmsetup and the rules belong into the initrd as well.
 */
export default recipe({
  name: "lvm2",
  summary: "Device mapper only: libdevmapper, dmsetup and udev's rules; no LVM",
  build: autotools({
    env: {
      PKG_CONFIG_LIBDIR: "/recipe/udev",
      PKG_CONFIG_SYSROOT_DIR: "",
      // What can't be tried out in a cross build is so in musl.
      ac_cv_func_malloc_0_nonnull: "yes",
      ac_cv_func_realloc_0_nonnull: "yes",
    },
    configure: [
      "--enable-pkgconfig",
      "--enable-udev_sync",
      "--enable-udev_rules",
      "--with-udevdir=/usr/lib/udev/rules.d",
      "--with-usrlibdir=/usr/lib",
      "--with-usrsbindir=/usr/bin",
      "--with-default-dm-run-dir=/run",
      "--with-default-run-dir=/run/lvm",
      "--disable-selinux",
      "--disable-readline",
      "--without-blkid",
      "--without-libnvme",
      "--without-systemd",
    ],
    make: ["device-mapper"],
    install: ["install_device-mapper"],
    after: `sed -i 's/^\\(Requires.private:.*\\) libudev/\\1/' /out/usr/lib/pkgconfig/devmapper.pc
grep -q 'IMPORT{builtin}="blkid"' /out/usr/lib/udev/rules.d/13-dm-disk.rules
grep -q '/usr/bin/dmsetup udevflags' /out/usr/lib/udev/rules.d/10-dm.rules`,
  }),
  test: () => `/sysroot/usr/bin/dmsetup udevflags 0xd4d0100 | grep "DM_UDEV_PRIMARY_SOURCE_FLAG='1'" > /dev/null
cat > test.c <<'END'
#include <libdevmapper.h>
#include <stdio.h>
#include <string.h>
int main(void) {
  char version[64], device[64] = "";
  int one = 1;
  struct dm_hash_table *table = dm_hash_create(7);
  if (!dm_get_library_version(version, sizeof version) || !version[0]) return 1;
  if (!table || !dm_hash_insert(table, "root", &one) || dm_hash_lookup(table, "root") != &one) return 2;
  if (dm_format_dev(device, sizeof device, 253, 7) <= 0 || strcmp(device, "253:7")) return 3;
  dm_hash_destroy(table);
  puts(version);
  return 0;
}
END
$CC -Wall -Werror -o test test.c $(pkg-config --cflags --libs devmapper)
$READELF -dW test | grep libdevmapper.so > /dev/null
./test
`,
});
