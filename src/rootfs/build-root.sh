# Makes the root tree in /out from the components at /sysroot and the files of the OS at /needs/os.
# Given: image, version; arrays dropped_files, left_out, kept_configuration, dropped_starts, links, folders; the functions write_generated and check_ids.
shopt -s dotglob extglob globstar nullglob
export LD_LIBRARY_PATH=/sysroot/usr/lib/systemd
fail() { echo "$*" >&2; exit 1; }

for path in /sysroot/*; do
  case ${path#/sysroot/} in
    usr | etc) ;;
    bin | sbin | lib | lib64) [ -L "$path" ] || fail "A component has files in ${path#/sysroot}: everything belongs below /usr" ;;
    *) fail "A component has files in ${path#/sysroot}: everything belongs below /usr" ;;
  esac
done

cp -a /sysroot/usr /out/usr
chmod -R u+rwX /out/usr
for path in "${kept_configuration[@]}"; do
  [ ! -e "/sysroot/$path" ] || install -Dm644 "/sysroot/$path" "/out/$path"
done
if [ -d /needs/kernel/usr/lib/modules ]; then
  mkdir -p /out/usr/lib/modules
  cp -a /needs/kernel/usr/lib/modules/. /out/usr/lib/modules/
  chmod -R u+rwX /out/usr/lib/modules
  rm -rf /out/usr/lib/modules/*/{vmlinuz,vmlinux,System.map,config,build,source}
fi

cd /out
for pattern in "${dropped_files[@]}"; do
  # Patterns, not words.
  for path in $(eval "printf '%s\n' $pattern"); do rm -rf -- "$path"; done
done
# Names for the linker; the loader uses the versioned ones.
find usr/lib -maxdepth 1 -type l -name '*.so' -delete

cp -rT --no-preserve=all /needs/os /out
sed -i "s/@VERSION@/$version/g; s/@IMAGE@/$image/g" usr/lib/os-release
write_generated
for pattern in "${left_out[@]}"; do
  for path in $(eval "printf '%s\\n' $pattern"); do rm -rf -- "$path"; done
done
: > etc/machine-id
for entry in "${folders[@]}"; do
  read -r path mode <<< "$entry"
  mkdir -p "$path"
  chmod "$mode" "$path"
done
for entry in "${links[@]}"; do
  read -r path target <<< "$entry"
  mkdir -p "$(dirname "$path")"
  ln -sfnT "$target" "$path"
done

/sysroot/usr/bin/systemd-sysusers --root=/out
check_ids
rm -f etc/.pwd.lock etc/passwd- etc/group- etc/shadow-
# No password fits "*", and unlike "!", which locks an account, it leaves a login by key.
chmod 600 etc/shadow
sed -i -E 's/^(root|admin):[^:]*:/\1:*:/' etc/shadow

/sysroot/usr/bin/systemctl --root=/out preset-all
# What the presets say is part of the image: /etc stays for the node's own configuration.
# Not `--update=none`, which coreutils before 9.3 do not know.
cp -an etc/systemd/system/. usr/lib/systemd/system/
rm -rf etc/systemd usr/lib/systemd/system-preset
for path in "${dropped_starts[@]}"; do rm -f "usr/lib/systemd/system/$path"; done

while IFS= read -r -d '' path; do
  LC_ALL=C IFS= read -r -N4 magic < "$path" || continue
  [ "$magic" = $'\x7fELF' ] || continue
  case $path in
    *.ko) "$STRIP" --strip-debug "$path" ;;
    *) "$STRIP" --strip-unneeded "$path" ;;
  esac
done < <(find usr -type f -size +3c -print0) 2> >(grep -v 'ignored null byte' >&2 || true)

find usr -depth -type d -empty -delete
find usr etc -type d -exec chmod 755 {} +
find usr etc -type f -perm /111 -exec chmod 755 {} +
find usr etc -type f ! -perm /111 -exec chmod 644 {} +
chmod 400 etc/shadow
