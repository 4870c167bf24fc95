import { recipe, shell } from "../../src/recipe/mod.ts";

export default recipe({
  name: "busybox",
  summary: "The shell and the small programs around it, one file with a link for each",
  build: shell(`make allnoconfig > config.log
sed -n 's/^\\(CONFIG_[A-Z0-9_]*\\)=.*/s@^# \\1 is not set$\\\\|^\\1=.*@&@/p' /recipe/busybox.config > switch-on.sed
sed -i -f switch-on.sed .config
make oldconfig < /dev/null >> config.log
grep '^CONFIG' /recipe/busybox.config | while read -r option; do
  grep -qxF "$option" .config || { echo "Option did not take: $option"; exit 1; }
done
make -j$JOBS CROSS_COMPILE=$TRIPLE- SKIP_STRIP=y EXTRA_CFLAGS="-ffile-prefix-map=/build=." busybox busybox.links
install -D busybox /out/usr/bin/busybox
for link in $(cat busybox.links); do
  ln -s busybox "/out/usr/bin/\${link##*/}"
done`),
  test: () => `cd /sysroot/usr/bin
./busybox > /build/usage
./busybox --list > /build/applets
./grep '^BusyBox v[0-9.]* () multi-call binary' /build/usage > /dev/null
test "$(./sh -c 'echo $((6 * 7))')" = 42
test "$(./printf 'b\\na\\n' | ./sort | ./tr -d '\\n')" = ab
test "$(./echo abc | ./sha256sum | ./cut -c 1-8)" = edeaaff3
for other in init halt mount dmesg blkid fdisk syslogd mdev modprobe su passwd getty logger hostname ip ss netstat dpkg rpm; do
  if ./grep -qx $other /build/applets; then exit 1; fi
done
`,
});
