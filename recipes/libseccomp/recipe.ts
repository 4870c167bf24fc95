import { autotools, recipe } from "../../src/recipe/mod.ts";

export default recipe({
  name: "libseccomp",
  summary: "System call filters, for systemd's SystemCallFilter= and the like",
  build: autotools({ static: true, after: "rm -f /out/usr/bin/scmp_sys_resolver" }),
  test: () => `cat > test.c <<'END'
#include <errno.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (!filter || seccomp_rule_add(filter, SCMP_ACT_ERRNO(EXDEV), SCMP_SYS(getppid), 0) || seccomp_load(filter)) return 1;
  return syscall(SYS_getppid) != -1 || errno != EXDEV;
}
END
$CC -Wall -o test test.c -lseccomp
./test
$CC -static -o static test.c $(pkg-config --static --cflags --libs libseccomp)
./static
`,
});
