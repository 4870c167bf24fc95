# The kernel opens its console before anybody has mounted /dev.
[ -n "$(sed -n '\|^dir /dev |p' $list)" ] || echo 'dir /dev 0755 0 0' >> $list
echo 'nod /dev/console 0600 0 0 c 5 1' >> $list
# Without an entry of its own, the folder / of a tmpfs is writable for all.
echo 'dir /. 0755 0 0' >> $list
# By path: a folder comes before what is in it.
sort -k 2,2 $list > /build/sorted
/sysroot/usr/libexec/hadron/gen_init_cpio -t $SOURCE_DATE_EPOCH /build/sorted > /build/initrd.cpio
# In jobs of one size, so that the bytes do not depend on how many threads there are.
/sysroot/usr/bin/zstd -18 -q -T2 -B12M -o /out/initrd.cpio.zst /build/initrd.cpio
