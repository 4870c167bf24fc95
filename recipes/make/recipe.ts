import { autotools, recipe } from "../../src/recipe/mod.ts";

/** For those who build against the OS; nothing in it runs make. Plain makefiles: neither Guile nor objects loaded into it. */
export default recipe({
  name: "make",
  summary: "GNU make, for the toolchain image",
  build: autotools({
    // The archive lacks the manual's folder, which configure and the makefile ask for.
    before: `mkdir doc && touch doc/Makefile.in
sed -i 's/^SUBDIRS = .*/SUBDIRS = lib/; s/^man_MANS = .*/man_MANS =/' Makefile.in`,
    // Its getopt and glob have declarations without parameters. Whether posix_spawn fails at once is found by running a program.
    env: { CFLAGS: "$CFLAGS -std=gnu17", make_cv_synchronous_posix_spawn: "yes" },
    configure: ["--without-guile", "--disable-load"],
    after: "rm -r /out/usr/include",
  }),
  test: ({ version }) => `make=/sysroot/usr/bin/make
$make --version > version
grep -x "GNU Make ${version}" version > /dev/null
grep -x "Built for $TRIPLE" version > /dev/null
cat > makefile <<'END'
all: one.o two.o
	cat $^ > $@
%.o: %.c
	sed 's/in/out/' $< > $@
sub:
	+$(MAKE) -f inner
missing:
	./no-such-program
END
printf 'inner: a b\\na b:\\n\\t@echo $@ >> jobs\\n' > inner
echo 'in 1' > one.c
echo 'in 2' > two.c
$make -j2
test "$(tr '\\n' ' ' < all)" = "out 1 out 2 "
# What is there already is left alone; what is newer than its result is not.
$make | grep "is up to date" > /dev/null
touch -d @2000000000 two.c
$make -n | grep "two.c > two.o" > /dev/null
$make -j2 sub
test "$(sort jobs | tr -d '\\n')" = ab
if $make missing; then exit 1; fi
`,
});
