#!/bin/bash
# Runs one step in a container as the sandbox does: its own environment and nothing else of the container's, this user, and of its
# inputs just the bytes that are pinned. What it leaves in /out is then made independent of when and where that was.
# usage: run-step EPOCH
set -euo pipefail
here=/run/hadron
umask 022
[ ! -s $here/sources ] || sha256sum --quiet --strict --check $here/sources
mapfile -t environment < $here/environment
# The whole log would be cut off at the engine's limit, and with it the end, which matters.
if ! log=$(env -i "${environment[@]}" JOBS="$(nproc)" /bin/bash --norc -euo pipefail /run/step 2>&1 < /dev/null | tail -n 200); then
  printf '%s\n' "$log"
  exit 1
fi
# One file by two names would be a link in the archive that comes out.
find /out -type f -links +1 -exec sh -c 'cp -p "$1" "$1.copy~" && mv -f "$1.copy~" "$1"' sh {} \;
find /out -depth -exec touch --no-dereference --date="@$1" {} +
chmod -R u+rwX /build /tmp /var/tmp
find /build /tmp /var/tmp -mindepth 1 -delete
