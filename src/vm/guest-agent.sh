# Runs the host's commands, one at a time; descriptor 3 is the port, $work a folder of its own.
# A command is a line `BOOT ID SECONDS BASE64`. BOOT is the boot that it is meant for, so that what was sent to a guest that
# was then reset isn't run by the next. The answer is one JSON line with both outputs in base64.
encode() { base64 < "$1" | tr -d '\n'; }
limit() {
  if command -v timeout > /dev/null; then timeout -s KILL "$@"; else shift; "$@"; fi
}
read -r boot < /proc/sys/kernel/random/boot_id
report ready "\"$boot\""
# Reading gives an end at once while the host's side of the port isn't open yet, so an end only counts when it comes often.
ends=0
while [ "$ends" -lt 10 ]; do
  if ! read -r to id seconds script <&3; then
    ends=$((ends + 1))
    sleep 1
    continue
  fi
  ends=0
  [ "$to" = "$boot" ] || continue
  printf '%s' "$script" | base64 -d > "$work/script"
  status=0
  limit "$seconds" /bin/sh -c '. "$1"; . "$2"' sh "$work/report" "$work/script" \
    > "$work/stdout" 2> "$work/stderr" < /dev/null || status=$?
  {
    printf '\n{"result":%s,"status":%s,"stdout":"' "$id" "$status"
    encode "$work/stdout"
    printf '","stderr":"'
    encode "$work/stderr"
    printf '"}\n'
  } >&3
done
