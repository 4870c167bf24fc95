# What git's makefile is told. The program is static, so that it runs on every release of the OS.
prefix = /usr
CFLAGS = -O2 -std=gnu17
LDFLAGS = -static
CURL_CFLAGS := $(shell pkg-config --static --cflags libcurl)
CURL_LDFLAGS := $(shell pkg-config --static --libs libcurl)

# Languages and libraries that the OS does not have, and musl's regular expressions lack REG_STARTEND. TLS is curl's matter.
NO_EXPAT = 1
NO_GETTEXT = 1
NO_OPENSSL = 1
NO_PERL = 1
NO_PYTHON = 1
NO_REGEX = 1
NO_TCLTK = 1

# One program with links to it, stripped; git's own tests are left out.
INSTALL_SYMLINKS = 1
SKIP_DASHED_BUILT_INS = 1
LINK_FUZZ_PROGRAMS =
override INSTALL_STRIP = -s
override CLAR_TEST_PROG =
override FUZZ_OBJS =
override TEST_PROGRAMS =
override UNIT_TEST_PROGS =
override test_bindir_programs =
