# The kernel packs its configuration (/proc/config.gz) with gzip and options that zlib's own packer does not know.
exec /sysroot/usr/libexec/hadron/minigzip -9
