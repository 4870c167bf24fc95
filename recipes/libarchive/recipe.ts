import { autotools, recipe } from "../../src/recipe/mod.ts";
import lz4 from "../lz4/recipe.ts";
import xz from "../xz/recipe.ts";
import zlib from "../zlib/recipe.ts";
import zstd from "../zstd/recipe.ts";

/** What would be found by chance, or is for formats that nothing here reads. */
const without = "bz2lib cng expat libb2 lzo2 mbedtls nettle openssl xml2";

/** The library alone: systemd's importd unpacks with it, and busybox has a tar. */
export default recipe({
  name: "libarchive",
  summary: "Reads and writes archives: library, for container images",
  needs: { libs: [lz4, xz, zlib, zstd] },
  build: autotools({
    static: true,
    configure: [
      "--disable-acl",
      "--disable-bsdcat",
      "--disable-bsdcpio",
      "--disable-bsdtar",
      "--disable-bsdunzip",
      ...without.split(" ").map((name) => `--without-${name}`),
    ],
  }),
  test: ({ version }) => `cat > test.c <<'END'
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
struct kind {
  const char *path;
  int (*pack)(struct archive *), (*unpack)(struct archive *);
} kinds[] = {
  { "test.tar.gz", archive_write_add_filter_gzip, archive_read_support_filter_gzip },
  { "test.tar.lz4", archive_write_add_filter_lz4, archive_read_support_filter_lz4 },
  { "test.tar.xz", archive_write_add_filter_xz, archive_read_support_filter_xz },
  { "test.tar.zst", archive_write_add_filter_zstd, archive_read_support_filter_zstd },
};
/* A filter that is not built in is a warning, not 0: it would need the program. */
static int check(struct kind *kind) {
  char out[16];
  struct archive *writer = archive_write_new(), *reader = archive_read_new();
  struct archive_entry *entry = archive_entry_new();
  if (kind->pack(writer) || archive_write_set_format_pax(writer) || archive_write_open_filename(writer, kind->path)) return 1;
  archive_entry_set_pathname(entry, "file");
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0640);
  archive_entry_set_size(entry, 5);
  archive_entry_xattr_add_entry(entry, "user.test", "x", 1);
  if (archive_write_header(writer, entry) || archive_write_data(writer, "hello", 5) != 5 || archive_write_free(writer)) return 2;
  if (kind->unpack(reader) || archive_read_support_format_tar(reader) || archive_read_open_filename(reader, kind->path, 65536)) return 3;
  if (archive_read_next_header(reader, &entry) || strcmp(archive_entry_pathname(entry), "file") || archive_entry_perm(entry) != 0640) return 4;
  if (archive_entry_xattr_count(entry) < 1) return 5;
  return archive_read_data(reader, out, sizeof out) != 5 || memcmp(out, "hello", 5) ? 6 : 0;
}
int main(void) {
  for (int i = 0, failed; i < 4; i++)
    if ((failed = check(&kinds[i]))) return 10 * i + failed;
  return strcmp(archive_version_string(), "libarchive ${version}");
}
END
$CC -Wall -o test test.c $(pkg-config --cflags --libs libarchive)
./test
$CC -static -o static test.c $(pkg-config --static --cflags --libs libarchive)
./static
test "$(tar --zstd -xOf test.tar.zst file)" = hello
test "$(tar -xJOf test.tar.xz file)" = hello
`,
});
