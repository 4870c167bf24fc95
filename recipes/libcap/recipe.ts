import { recipe, shell } from "../../src/recipe/mod.ts";

const variables = `prefix=/usr lib=lib sbin=bin CC="$CC" AR="$AR" RANLIB="$RANLIB" OBJCOPY="$OBJCOPY" \\
  BUILD_CC=gcc BUILD_CFLAGS=-O2 BUILD_LDFLAGS= SHARED=yes DYNAMIC=yes PAM_CAP=no GOLANG=no CAPSH_SHELL='-DSHELL=\\"/bin/sh\\"'`;

export default recipe({
  name: "libcap",
  summary: "Capabilities library; capsh and getpcaps to look at them",
  build: shell(`make -C libcap ${variables} cap_names.h
make -C libcap -j$JOBS ${variables} libcap.so
make -C progs -j$JOBS ${variables} capsh getpcaps
make -C libcap ${variables} DESTDIR=/out install-shared-cap
install -D -t /out/usr/bin progs/capsh progs/getpcaps`),
  test: () => `/sysroot/usr/bin/capsh --decode=0000000000200000 | grep cap_sys_admin > /dev/null
cat > test.c <<'END'
#include <string.h>
#include <sys/capability.h>
int main(void) {
  cap_value_t value;
  return cap_from_name("cap_net_admin", &value) || value != CAP_NET_ADMIN || strcmp(cap_to_name(value), "cap_net_admin");
}
END
$CC -Wall -o test test.c -lcap
./test
`,
});
