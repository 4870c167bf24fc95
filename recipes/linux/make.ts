/**
 * What both the configuration and the build must hand to the kernel's makefiles alike, as a bash array `variables`: Kconfig
 * writes the versions of all tools that it finds into the configuration, and with it into the image.
 *
 * The compiler's hardening needs no flags here: the kernel's makefiles say `-fno-PIE`, `-fcf-protection=none|branch` and
 * `-fno-stack-clash-protection` themselves, and link with ld, which knows nothing of the compiler's specs. What they do not
 * name (`-ftrivial-auto-var-init=zero` in the 16-bit setup and the decompressor) does no harm there.
 */
export const makeVariables = ({ btf }: { btf?: boolean | undefined }): string =>
  `# Host programs must find the toolbox's libelf and libcrypto; the kernel chooses its own flags.
unset CC AS AR RANLIB LD NM STRIP OBJCOPY OBJDUMP READELF CFLAGS CPPFLAGS CXXFLAGS LDFLAGS \${!PKG_CONFIG*}
export KBUILD_BUILD_USER=hadron KBUILD_BUILD_HOST=hadron KBUILD_BUILD_VERSION=1
export KBUILD_BUILD_TIMESTAMP="$(date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %e %H:%M:%S UTC %Y')"
${btf ? onePahole : ""}variables=(ARCH=$KERNEL_ARCH CROSS_COMPILE=$TRIPLE- HOSTCC=gcc LOCALVERSION= PAHOLE=${btf ? "/build/bin/pahole" : "none"} RUSTC=none
  BINDGEN=none KCFLAGS=-ffile-prefix-map=/build/src=.)`;

/** The kernel's makefiles let pahole work on all processors, and then the order of types may depend on which is first. */
const onePahole = `mkdir -p /build/bin
printf '#!/bin/bash\\nexec /usr/bin/pahole "$@" -j1\\n' > /build/bin/pahole
chmod +x /build/bin/pahole
`;
