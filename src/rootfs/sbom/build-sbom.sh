# Writes the bills of materials of the tree at $out, its regular files with them, to $out/$cyclonedx and, without files, to $out/$spdx.
# Given: needs, work, out, nobody, cyclonedx, spdx; the array owners (the first that has a path owns it, its output is at
# $needs/components/<owner>); "$needs/pins"; and the function write_templates, which makes the folders $work/cyclonedx and $work/spdx: in each
# lines, variants (source, digest, line) and file (how a file is written).
fail() { echo "$*" >&2; exit 1; }

cd "$out"
[ -z "$(find . -name '*["'$'\x01-\x1f\x7f]*')" ] || fail "The name of a file has a quotation mark or a control character"
find . -type f -printf '%P\n' | LC_ALL=C sort > "$work/paths"
for owner in "${owners[@]}"; do
  find "$needs/components/$owner/" ! -type d -printf "%P\t$owner\n"
done > "$work/owned"
xargs -r -d '\n' sha256sum -- < "$work/paths" | sed -E 's/^\\?([0-9a-f]{64}) .*/\1/' > "$work/digests"
[ "$(wc -l < "$work/digests")" = "$(wc -l < "$work/paths")" ] || fail "Not every file could be read"
# Owner, digest, path as JSON has it.
paste "$work/digests" "$work/paths" | awk -F '\t' -v nobody="$nobody" '
  FILENAME == ARGV[1] { if (!($1 in owner)) owner[$1] = $2; next }
  { path = $2; gsub(/\\/, "&&", path); print (($2 in owner) ? owner[$2] : nobody) "\t" $1 "\t" path }' "$work/owned" - > "$work/files"

write_templates
# Prints the document of a template.
fill_template() {
  awk -F '\t' -v pins="$needs/pins" -v files="$work/files" -v template="$1" '
  # Plain replacing: in a path, "&" and "\" have no meaning.
  function fill(text, name, value,  at) {
    if (!(at = index(text, name))) return text
    return substr(text, 1, at - 1) value fill(substr(text, at + length(name)), name, value)
  }
  function put(text) {
    if (last != "" && last !~ /[[{]$/ && text !~ /^[]}]/) printf ","
    printf "%s%s", (last == "" ? "" : "\n"), text
    last = text
  }
  BEGIN {
    while ((getline pin < pins) > 0) { split(pin, part, "  "); used[part[2]] = part[1] }
    while ((getline < files) > 0) { count++; owners[count] = $1; digests[count] = $2; paths[count] = $3 }
    while ((getline < (template "/variants")) > 0) if (used[$1] == $2) variant[$1] = $3
    getline pattern < (template "/file")
    while ((getline text < (template "/lines")) > 0) {
      split(text, word, " ")
      if (word[1] == "@source") {
        if (!(word[2] in variant)) { print "No bytes of the source " word[2] " are known that were used" > "/dev/stderr"; exit 1 }
        put(variant[word[2]])
      }
      else if (word[1] == "@files") {
        for (i = 1; i <= count; i++)
          if (word[2] == owners[i]) put(fill(fill(pattern, "@SHA256@", digests[i]), "@PATH@", paths[i]))
      }
      else put(text)
    }
    printf "\n"
  }'
}
fill_template "$work/cyclonedx" > "$work/cyclonedx/document"
fill_template "$work/spdx" > "$work/spdx/document"
# Both have the name that follows from the one with the files.
uuid=$(sha256sum "$work/cyclonedx/document" | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-8\3-8\4-\5/')
mkdir -p "${cyclonedx%/*}"
sed "s/@UUID@/$uuid/" "$work/cyclonedx/document" > "$cyclonedx"
sed "s/@UUID@/$uuid/g" "$work/spdx/document" > "$spdx"
chmod 755 "${cyclonedx%/*}"
chmod 644 "$cyclonedx" "$spdx"
