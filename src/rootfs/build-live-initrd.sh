# Packs the whole root tree at /needs/root as an initrd from which the OS itself runs: no switch to another root.
root=/needs/root
list=/build/list
fail() { echo "$*" >&2; exit 1; }

cd $root
[ -z "$(find . -name '*[[:space:]]*')" ] || fail "A path has white space, which gen_init_cpio can't take"
find . -mindepth 1 -type d -printf 'dir /%P %m 0 0\n' > $list
find . -type f -printf "file /%P $root/%P %m 0 0\n" >> $list
find . -type l -printf 'slink /%P %l 0777 0 0\n' >> $list
echo 'slink /init usr/lib/systemd/systemd 0777 0 0' >> $list
