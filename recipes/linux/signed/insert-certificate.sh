# In the kernel's source, configured; the array `variables` is for make. Given as well: compiled, the folder of a kernel that was compiled
# by this configuration, image, the path of the compressed image in the tree, and certificate. Leaves vmlinux with the certificate in its
# reserved room, and the image made of it.

# The top makefile hands its variables to this command, which makes one target by the makefile of one folder.
make_part() { make "${variables[@]}" -j$JOBS run-command KBUILD_RUN_COMMAND="+\$(MAKE) \$(build)=$1 $2"; }

# Not `make bzImage`: it would compile and link vmlinux again. What the image takes beside vmlinux is little, and is made here.
make "${variables[@]}" -j$JOBS prepare0
case $KERNEL_ARCH in
  x86)
    make_part init include/generated/utsversion.h
    make_part arch/x86/kernel/cpu arch/x86/kernel/cpu/capflags.c
    make_part drivers/firmware/efi/libstub drivers/firmware/efi/libstub/lib.a
    install -m 644 $compiled/vmlinux.relocs arch/x86/boot/compressed/vmlinux.relocs
    ;;
esac
install -m 644 $compiled/vmlinux vmlinux
make_part ${image%/*} $image
# Made like this, it is the very image that was compiled: so what follows changes the certificate and nothing else.
cmp $image $compiled/vmlinuz

scripts/insert-sys-cert -b vmlinux -c $certificate
vmlinux=$(sha256sum < vmlinux)
touch vmlinux
make_part ${image%/*} $image
[ "$vmlinux" = "$(sha256sum < vmlinux)" ]
