import { recipe } from "../../src/recipe/mod.ts";

const zones = "usr/share/zoneinfo";

/**
 * The zone compiler, by the toolbox's compiler, but not the toolbox's own: its versions write other bytes for the same rules. Debian has no
 * package of IANA's archive with its code, but glibc carries zic.c.
 */
const zoneCompiler = `mkdir zic
tar -xf /sources/glibc -C zic --strip-components=2 --no-same-owner --wildcards '*/timezone/'{zic.c,private.h,tzfile.h}
cd zic
# glibc's makefile writes both; the second one is empty there, too.
echo 'static char const PKGVERSION[] = "", TZVERSION[] = "", REPORT_BUGS_TO[] = "";' > version.h
touch tzdir.h
$CC_FOR_BUILD -O2 -DTZDIR='"/${zones}"' -DTZDEFAULT='"/etc/localtime"' -DUSE_LTZ=0 -DHAVE_GETTEXT=0 -o zic zic.c
cd ..
`;

/**
 * `tzdata.zi` is both what zic compiles and what timedatectl lists zones from. Other names of a zone are hard links to zic;
 * as symbolic links they don't depend on how trees are copied. "Slim" leaves out what the rule at a file's end says.
 */
export default recipe({
  name: "tzdata",
  summary: "Time zones",
  sources: ["tzdata", "glibc"],
  build: ({ name }) => `${zoneCompiler}mkdir src
cd src
tar -xf /sources/${name} --no-same-owner
# "version" would be made from the code's files, which are another archive.
make -o version tzdata.zi
mkdir -p /out/${zones}
/build/zic/zic -b slim -d /out/${zones} tzdata.zi
cd /out/${zones}
cp /build/src/tzdata.zi .
awk '$1 == "L" { print $2, $3 }' tzdata.zi | while read -r target link; do ln -sfr $target $link; done
`,
  test: ({ version }) => `zones=/sysroot/${zones}
cat > test.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int main(int count, char **words) {
  time_t time = count > 1 ? atoll(words[1]) : 0;
  struct tm *local = localtime(&time);
  printf("%ld %s\\n", local->tm_gmtoff, local->tm_zone);
}
END
$CC -Wall -o test test.c
at() { TZ=:$zones/$1 ./test $2; }
winter=1735689600 summer=1751328000 summer_of_2100=4118083200
test "$(at Europe/Berlin $winter)" = '3600 CET'
test "$(at Europe/Berlin $summer)" = '7200 CEST'
test "$(at Europe/Berlin $summer_of_2100)" = '7200 CEST'
test "$(at America/New_York $summer)" = '-14400 EDT'
test "$(at Australia/Lord_Howe $winter)" = '39600 +11'
test "$(at Asia/Calcutta $summer)" = '19800 IST'
test "$(at Etc/UTC $summer)" = '0 UTC'
grep -x '# version ${version}' $zones/tzdata.zi > /dev/null
# What timedatectl lists is there.
awk '$1 == "Z" { print $2 } $1 == "L" { print $3 }' $zones/tzdata.zi > names
test $(wc -l < names) -gt 500
cd $zones
while read -r name; do test "$(head -c 4 $name)" = TZif; done < /build/names
test -L Asia/Calcutta
`,
});
