# Cuts the root tree at $needs/root into tar archives at $out, one a layer: <number>-<layer>.tar, and the same as .tar.gz.
# Given: needs, work, out, compress; arrays layers (all of them, the topmost last) and owners ("layer component" by line, the first
# that has a path owns it, its output is at $needs/components/<component>). What nobody owns, and every folder, is in the topmost.
fail() { echo "$*" >&2; exit 1; }

# Of an archive: tar before 1.35 writes zeros where later ones leave the device numbers of what is no device empty (POSIX says neither).
without_device_numbers() {
  perl -e '
    binmode STDIN; binmode STDOUT;
    sub take { read(STDIN, my $bytes, $_[0]) == $_[0] or die "The archive is cut short\n"; $bytes }
    for (;;) {
      my $header = take(512);
      if ($header !~ /[^\0]/) { print $header, <STDIN>; last }
      if (substr($header, 156, 1) !~ /[34]/) {
        substr($header, 329, 16) = "\0" x 16;
        substr($header, 148, 8) = " " x 8;
        substr($header, 148, 8) = sprintf("%06o\0 ", unpack("%32C*", $header));
      }
      my $left = 512 * int((oct(substr($header, 124, 11)) + 511) / 512);
      print $header;
      while ($left > 0) { my $part = $left < 65536 ? $left : 65536; print take($part); $left -= $part }
    }
    close STDOUT or die "$!\n"'
}

cd "$needs/root"
[ -z "$(find . -name '.wh.*')" ] || fail "A name begins with .wh., which container images take for a deletion"
[ -z "$(find . -name $'*[\t\n]*')" ] || fail "A name has a tab or a line end"

for entry in "${owners[@]}"; do
  read -r layer component <<< "$entry"
  find "$needs/components/$component/" ! -type d -printf "%P\t$layer\n"
done > "$work/owned"
find . -mindepth 1 ! -type d -printf '%P\n' > "$work/files"
top=${layers[-1]}
awk -F '\t' -v top="$top" 'FILENAME == ARGV[1] { if (!($1 in layer)) layer[$1] = $2; next }
  { print (($1 in layer) ? layer[$1] : top) "\t" $1 }' "$work/owned" "$work/files" > "$work/assigned"

for layer in "${layers[@]}"; do
  {
    # Each with the folders that it lies in: a layer must be complete by itself.
    awk -F '\t' -v layer="$layer" '$1 == layer {
      count = split($2, part, "/"); path = part[1]
      for (i = 2; i <= count; i++) { print path; path = path "/" part[i] }
      print path
    }' "$work/assigned"
    [ "$layer" != "$top" ] || find . -mindepth 1 -type d -printf '%P\n'
  } | LC_ALL=C sort -u > "$work/list"
  [ -s "$work/list" ] || continue
  # Every choice that tar would make by itself is made here, so that the bytes are those of the format and not of its version.
  tar --create --file=- --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    --blocking-factor=20 --owner=0 --group=0 --numeric-owner --mtime=@$SOURCE_DATE_EPOCH --hard-dereference \
    --no-acls --no-selinux --no-xattrs --no-recursion --verbatim-files-from --no-unquote --files-from="$work/list" |
    without_device_numbers > "$out/$layer.tar"
  $compress < "$out/$layer.tar" > "$out/$layer.tar.gz"
done
