import { meson, recipe } from "../../src/recipe/mod.ts";
import kmod from "../kmod/recipe.ts";
import openssl from "../openssl/recipe.ts";
import systemd from "../systemd/recipe.ts";
import utilLinux from "../util-linux/recipe.ts";

/**
 * Without iscsiuio (three old adapters) and iSNS. Upstream's bash scripts are left out: the node's name comes from our own
 * iscsi-init.service and is kept in /var, since /etc is new at each boot. iscsid is confined, by a drop-in.
 */
export default recipe({
  name: "open-iscsi",
  summary: "iSCSI initiator: iscsid, iscsiadm and their units",
  needs: { libs: [kmod, openssl, systemd, utilLinux] },
  build: meson({
    before: `sed -i "/^subdir('iscsiuio')/d" meson.build`,
    options: {
      c_args: "$CFLAGS -D_GNU_SOURCE -include /recipe/strerror.h",
      isns: "disabled",
      iscsi_sbindir: "/usr/bin",
      lockdir: "/run/iscsi",
      rulesdir: "/usr/lib/udev/rules.d",
    },
    after: `install -D -m 644 etc/iscsid.conf /out/usr/share/iscsi/iscsid.conf
install -D -m 644 /recipe/tmpfiles.conf /out/usr/lib/tmpfiles.d/open-iscsi.conf
cd /out/usr/lib/systemd/system && rm iscsiuio.service iscsiuio.socket && install -m 644 /recipe/iscsi-init.service .
install -D -m 644 /recipe/iscsid.service.conf iscsid.service.d/50-hadron.conf
rm -rf /out/etc /out/usr/include /out/usr/lib/pkgconfig /out/usr/lib/systemd/system-generators /out/usr/lib/udev
cd /out/usr/bin && rm iscsi-gen-initiatorname iscsi_discovery iscsi_fw_login iscsi_offload iscsistart`,
  }),
  test: ({ version }) => `cd /sysroot/usr/bin
./iscsiadm --version | grep -x "iscsiadm version ${version}" > /dev/null
./iscsid --version | grep -x "iscsid version ${version}" > /dev/null
./iscsi-iname -g > /build/name
grep "^InitiatorName=iqn\\.2016-04\\.com\\.open-iscsi:[0-9a-f]*$" /build/name > /dev/null
status=0
./iscsiadm -m node -T iqn.2026-01.example:none -p 192.0.2.1 > /build/answer 2>&1 || status=$?
test $status != 0 && grep '^iscsiadm: ' /build/answer > /dev/null
`,
});
