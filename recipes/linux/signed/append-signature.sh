#!/bin/bash
# Writes a kernel module with its signature, as the kernel's scripts/sign-file would leave it.
#
#   append-signature.sh MODULE SIGNATURE > SIGNED
#
# Behind the module come the signature (PKCS #7, DER), then `struct module_signature` (include/linux/module_signature.h): five
# octets of which the third says PKCS #7, three of padding, the signature's length with the most significant octet first; and a mark.
set -euo pipefail
export LC_ALL=C

module=$1 signature=$2
mark='~Module signature appended~'

if [ "$(tail -c 28 "$module" | tr -d '\0')" = "$mark" ]; then
  echo "error: $module has a signature already" >&2
  exit 1
fi
size=$(stat -c %s "$signature")
printf -v length '\\x%02x\\x%02x\\x%02x\\x%02x' $((size >> 24 & 255)) $((size >> 16 & 255)) $((size >> 8 & 255)) $((size & 255))
cat "$module" "$signature"
printf '\0\0\2\0\0\0\0\0'
printf "$length"
printf '%s\n' "$mark"
