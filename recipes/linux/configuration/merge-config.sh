#!/bin/bash
# Merges the fragments of folders into one file for `make KCONFIG_ALLCONFIG=… allnoconfig`.
#
#   merge-config.sh FRAGMENT… > merged
#
# Fragments of one folder are equals: an option named twice in them is an error. A later folder's line replaces an
# earlier folder's, which is how a configuration builds on another. Options come out sorted: the order is of no meaning.
set -euo pipefail
export LC_ALL=C

awk '
  { where = FILENAME ":" FNR }
  /^CONFIG_[A-Za-z0-9_]+=/   { option = substr($0, 1, index($0, "=") - 1) }
  /^# CONFIG_[A-Za-z0-9_]+ is not set$/ { option = $2 }
  !/^CONFIG_[A-Za-z0-9_]+=/ && !/^# CONFIG_[A-Za-z0-9_]+ is not set$/ {
    # A line that looks like an option but is none would silently do nothing.
    if ($0 !~ /^#/ && $0 !~ /^[ \t]*$/ || $0 ~ /^# *CONFIG_[A-Za-z0-9_]+( is|=)/) {
      printf "error: %s: neither an option nor a comment: %s\n", where, $0 > "/dev/stderr"; bad = 1
    }
    next
  }
  {
    folder = FILENAME; sub(/[^\/]*$/, "", folder)
    if ((folder, option) in seen) {
      printf "error: %s: %s is named already in %s\n", where, option, seen[folder, option] > "/dev/stderr"; bad = 1
    }
    seen[folder, option] = where; line[option] = $0
  }
  END {
    if (bad) exit 1
    for (option in line) print option "\t" line[option] | "sort | cut -f2-"
  }
' "$@"
