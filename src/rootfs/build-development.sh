# Adds to the root tree in /out what serves building against it: from the components at /sysroot, and the toolchain at /cross, which is its
# prefix here as in every build. Given: arrays development_files, development_exceptions.
for pattern in "${development_files[@]}"; do
  for path in $(cd /sysroot; eval "printf '%s\n' $pattern"); do
    [ ! -e "/sysroot/$path" ] || [ -e "$path" ] || cp -aT "/sysroot/$path" "$path"
  done
done
chmod -R u+rwX usr
rm -f "${development_exceptions[@]}"
find usr/lib -maxdepth 1 -name '*.so' -xtype l -delete

cp -a /cross cross
chmod -R u+rwX cross
# Binutils installs its programs under two names each, and the linker under four.
! cmp -s cross/bin/$TRIPLE-ld{,.bfd} || ln -sfn $TRIPLE-ld cross/bin/$TRIPLE-ld.bfd
for path in cross/$TRIPLE/bin/*; do
  same=$TRIPLE-${path##*/}
  ! cmp -s "$path" "cross/bin/$same" || ln -sfn "../../bin/$same" "$path"
done
# No node has the compiler's own libraries, so what a program takes of them is linked into it. With specs of its own GCC would ask for libgcc
# alone, and the unwinder be missing.
rm cross/$TRIPLE/lib/*.so*
printf '*libgcc:\n-lgcc -lgcc_eh\n\n' >> $(echo cross/lib/gcc/$TRIPLE/*/specs)

# The compiler looks for headers and libraries below /sysroot.
ln -s . sysroot
ln -s $TRIPLE-gcc cross/bin/$TRIPLE-cc
for path in cross/bin/*; do
  name=${path##*/}
  for link in "usr/bin/$name" "usr/bin/${name#"$TRIPLE-"}"; do
    [ -e "$link" ] || ln -s "../../$path" "$link"
  done
done

find usr cross -type d -exec chmod 755 {} +
find usr cross -type f -perm /111 -exec chmod 755 {} +
find usr cross -type f ! -perm /111 -exec chmod 644 {} +
