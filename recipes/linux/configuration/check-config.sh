#!/bin/bash
# Compares what the fragments ask for with the configuration that Kconfig made of it.
#
#   check-config.sh .config SOURCE-TREE FRAGMENT…
#
# Kconfig drops an option whose dependencies are not met without a word, so every line of every fragment, also the
# "is not set" ones, is looked up in the result. Each difference is printed with its place, what was asked for, what
# came of it, and the dependencies that the option's own Kconfig entry names; the exit status is then 1.
set -euo pipefail
export LC_ALL=C

config=$1 tree=$2
shift 2

# Kconfig's own entry, with the `if` blocks around it: what an option that did not take may have lacked.
explain() {
  local option=$1 file found=
  while IFS= read -r file; do
    found=1
    awk -v option="$option" -v file="${file#"$tree"/}" '
      /^if[ (]/ { depth++; condition[depth] = substr($0, 4) }
      /^endif/ { depth-- }
      ($1 == "config" || $1 == "menuconfig") {
        inside = ($2 == option)
        if (inside) {
          printf "    %s:%d\n", file, FNR
          for (i = 1; i <= depth; i++) printf "      inside if %s\n", condition[i]
        }
      }
      $1 ~ /^(choice|endchoice|menu|endmenu|source|comment)$/ { inside = 0 }
      inside && ($1 == "depends" || $1 == "help" || $1 ~ /^(bool|tristate|int|hex|string|def_bool|def_tristate)$/) {
        if ($1 == "help") { inside = 0; next }
        if ($1 != "depends" && $2 != "") next
        sub(/^[ \t]+/, "")
        if ($1 == "depends") printf "      %s\n", $0
        else printf "      has no prompt: others select it\n"
      }
    ' "$file"
  done < <(grep -rlE --include='Kconfig*' "^[[:space:]]*(menu)?config[[:space:]]+$option[[:space:]]*\$" "$tree" | sort)
  [ -n "$found" ] || echo "    no Kconfig file has an option of this name: misspelt, or gone from this version"
}

# Kconfig writes no line for an option that can't be on, so absent and "is not set" are the same: n.
differences=$(awk '
  FILENAME == ARGV[1] {
    if (/^CONFIG_[A-Za-z0-9_]+=/) { at = index($0, "="); got[substr($0, 1, at - 1)] = substr($0, at + 1) }
    next
  }
  /^CONFIG_[A-Za-z0-9_]+=/ { at = index($0, "="); option = substr($0, 1, at - 1); want = substr($0, at + 1) }
  /^# CONFIG_[A-Za-z0-9_]+ is not set$/ { option = $2; want = "n" }
  !/^CONFIG_[A-Za-z0-9_]+=/ && !/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { next }
  {
    if (!(option in wanted)) order[++count] = option
    wanted[option] = want; where[option] = FILENAME ":" FNR
  }
  END {
    for (i = 1; i <= count; i++) {
      option = order[i]
      have = (option in got) ? got[option] : "n"
      if (have != wanted[option]) printf "%s\t%s\t%s\t%s\n", where[option], option, wanted[option], have
    }
  }
' "$config" "$@")

# An option that no Kconfig file knows can't take; "is not set" would hide the mistake.
unknown=$(comm -13 \
  <(grep -rhoE --include='Kconfig*' '^[[:space:]]*(menu)?config[[:space:]]+[A-Za-z0-9_]+' "$tree" | awk '{ print $2 }' | sort -u) \
  <(grep -hoE '^# CONFIG_[A-Za-z0-9_]+ is not set$' "$@" | awk '{ print substr($2, 8) }' | sort -u))

count=0
while IFS=$'\t' read -r where option want have; do
  [ -n "$where" ] || continue
  count=$((count + 1))
  echo "error: $where: $option: asked for $want, got $have" >&2
  explain "${option#CONFIG_}" >&2
done <<<"$differences"
for option in $unknown; do
  count=$((count + 1))
  where=$(grep -nE "^# CONFIG_$option is not set\$" /dev/null "$@" | sed -n '1s|^\([^:]*:[^:]*\):.*|\1|p')
  echo "error: $where: CONFIG_$option: no Kconfig file has an option of this name: misspelt, or gone from this version" >&2
done

if [ "$count" -gt 0 ]; then
  echo "$count options did not take" >&2
  exit 1
fi
echo "every option took: $(grep -hcE '^(CONFIG_|# CONFIG_[A-Za-z0-9_]+ is not set$)' "$@" | awk '{ sum += $1 } END { print sum }') asked for, $(grep -c '=y$' "$config") are on"
