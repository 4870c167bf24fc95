# Packs an initrd from the root tree at /needs/root: the programs, their libraries, units, links and folders that are asked for.
# What lies at /needs/os-initrd is added as it is. Given: arrays programs, libraries, units, starts, files, links, folders ("path value" where there are two).
root=/needs/root
declare -A seen
list=/build/list
fail() { echo "$*" >&2; exit 1; }

emit_parents() {
  local parent=${1%/*}
  [ "$parent" != "$1" ] || return 0
  [ -z "${seen[$parent]:-}" ] || return 0
  seen[$parent]=1
  emit_parents "$parent"
  printf 'dir /%s 0755 0 0\n' "$parent" >> $list
}

emit_link() {
  [ -z "${seen[$1]:-}" ] || return 0
  seen[$1]=1
  emit_parents "$1"
  printf 'slink /%s %s 0777 0 0\n' "$1" "$2" >> $list
}

# A path of the root tree: a link with what it leads to, a folder with what is in it, a program with its libraries.
add() {
  local path=${1/#usr\/sbin\//usr/bin/} mode target entry
  path=${path/#lib\//usr/lib/}
  [ -z "${seen[$path]:-}" ] || return 0
  if [ -L "$root/$path" ]; then
    target=$(readlink "$root/$path")
    emit_link "$path" "$target"
    case $target in
      /*) target=$(realpath -ms "$target") ;;
      *) target=$(realpath -ms "/${path%/*}/$target") ;;
    esac
    add "${target#/}"
  elif [ -d "$root/$path" ]; then
    for entry in "$root/$path"/*; do add "${entry#"$root"/}"; done
  elif [ -f "$root/$path" ]; then
    seen[$path]=1
    emit_parents "$path"
    mode=0644
    [ ! -x "$root/$path" ] || mode=0755
    printf 'file /%s %s %s 0 0\n' "$path" "$root/$path" $mode >> $list
    if "$READELF" -h "$root/$path" > /dev/null 2>&1; then add_needed "$path"; fi
  else
    fail "The root tree has no /$path, which the initrd needs"
  fi
}

add_needed() {
  local name names interpreter
  interpreter=$("$READELF" -lW "$root/$1" | sed -n 's/.*Requesting program interpreter: \(.*\)]/\1/p')
  names=$("$READELF" -dW "$root/$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
  [ -z "$interpreter" ] || add "${interpreter#/}"
  for name in $names; do add_library "$name"; done
}

add_library() {
  local folder
  for folder in usr/lib usr/lib/systemd; do
    if [ -e "$root/$folder/$1" ]; then add "$folder/$1"; return; fi
  done
  fail "The root tree has no library $1, which the initrd needs"
}

: > $list
for path in "${programs[@]}" "${files[@]}" usr/lib/os-release; do add "$path"; done
for name in "${libraries[@]}"; do add_library "$name"; done
for unit in "${units[@]}"; do add "usr/lib/systemd/system/$unit"; done
for entry in "${starts[@]}"; do
  read -r unit where <<< "$entry"
  emit_link "usr/lib/systemd/system/$where/$unit" "../$unit"
done
for entry in "${links[@]}"; do
  read -r path target <<< "$entry"
  emit_link "$path" "$target"
done
while IFS= read -r path; do
  emit_parents "$path"
  printf 'file /%s /needs/os-initrd/%s 0644 0 0\n' "$path" "$path" >> $list
done < <(cd /needs/os-initrd; find . -type f -printf '%P\n')
emit_link etc/initrd-release ../usr/lib/os-release
for entry in "${folders[@]}"; do
  read -r path mode <<< "$entry"
  [ -z "${seen[$path]:-}" ] || continue
  seen[$path]=1
  emit_parents "$path"
  printf 'dir /%s %s 0 0\n' "$path" "$mode" >> $list
done
