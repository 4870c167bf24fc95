import { autotools, recipe } from "../../src/recipe/mod.ts";
import argp from "../argp/recipe.ts";
import libcap from "../libcap/recipe.ts";
import libseccomp from "../libseccomp/recipe.ts";
import systemd from "../systemd/recipe.ts";

/**
 * libsystemd is in every image: with it crun lets systemd make the containers' cgroups. The JSON parser is the copy of yajl
 * that crun brings: yajl itself has not been released since 2014, and has CVE-2022-24795 and CVE-2023-33460, which the copy has not.
 */
export default recipe({
  name: "crun",
  summary: "Runs OCI containers",
  needs: { libs: [argp, libcap, libseccomp, systemd] },
  build: autotools({
    // What can't be tried out in a cross build is so in musl.
    env: {
      ac_cv_func_malloc_0_nonnull: "yes",
      ac_cv_func_realloc_0_nonnull: "yes",
      ac_cv_func_strtod: "yes",
    },
    configure: [
      "--disable-shared",
      "--enable-static",
      "--disable-libcrun",
      "--enable-embedded-yajl",
      "--disable-criu",
      "--disable-maintainer-mode",
    ],
    after: `grep -q 'define HAVE_SYSTEMD 1' config.h && grep -q 'define HAVE_EBPF 1' config.h
install -Dm644 /recipe/crun@.service /out/usr/lib/systemd/system/crun@.service`,
  }),
  test: ({ version }) => `crun="/sysroot/usr/bin/crun --root=$PWD/state"
$crun --version > about
grep -x "crun version ${version}" about > /dev/null
for feature in SYSTEMD CAP SECCOMP EBPF YAJL; do grep -F "+$feature" about > /dev/null; done
# It asks what is mounted at /sys/fs/cgroup, and the sandbox has no /sys: the answer is that of a node.
cat > cgroup2.c <<'END'
#define _GNU_SOURCE
#include <sys/vfs.h>
int statfs(const char *path, struct statfs *what) { (void) path; *what = (struct statfs) {.f_type = 0x63677270}; return 0; }
END
$CC -Wall -shared -fPIC -o cgroup2.so cgroup2.c
LD_PRELOAD=$PWD/cgroup2.so $crun spec
$crun features > features
python3 - <<'END'
import json
spec = json.load(open("config.json"))
assert spec["process"]["args"] == ["sh"] and spec["root"]["path"] == "rootfs", spec
features = json.load(open("features"))
assert features["linux"]["cgroup"]["systemd"] and features["linux"]["seccomp"]["enabled"], features
END
# An option after the command is the command's, and a wrong one is refused.
LD_PRELOAD=$PWD/cgroup2.so $crun spec --bundle=. -f other.json && cmp config.json other.json
$crun --help | grep -F "COMMANDS:" > /dev/null
$crun run --help | grep -F -e "--pid-file=FILE" > /dev/null
status=0
$crun spec --nonsense 2> wrong || status=$?
test $status = 64 && grep -F "unrecognized option '--nonsense'" wrong > /dev/null
`,
});
