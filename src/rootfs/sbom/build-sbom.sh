# Writes the bills of materials of the tree at $out, its regular files with them, to $out/usr/share/hadron.
# Given: needs, work, out; the arrays owners (the first that has a path owns it, its output is at $needs/components/<owner>) and sboms
# (names of files to write); "$needs/pins"; and of each, made by the function write_templates: $work/<name>.lines, .variants (source,
# digest, line), .file (how a file is written) and .reference.
fail() { echo "$*" >&2; exit 1; }

cd "$out"
[ -z "$(find . -name '*["'$'\x01-\x1f\x7f]*')" ] || fail "The name of a file has a quotation mark or a control character"
find . -type f -printf '%P\n' | LC_ALL=C sort > "$work/paths"
for owner in "${owners[@]}"; do
  find "$needs/components/$owner/" ! -type d -printf "%P\t$owner\n"
done > "$work/owned"
xargs -r -d '\n' sha256sum -- < "$work/paths" | sed -E 's/^\\?([0-9a-f]{64}) .*/\1/' > "$work/digests"
[ "$(wc -l < "$work/digests")" = "$(wc -l < "$work/paths")" ] || fail "Not every file could be read"
# Owner, number, digest, path as JSON has it.
paste "$work/digests" "$work/paths" | awk -F '\t' -v nobody="$nobody" '
  FILENAME == ARGV[1] { if (!($1 in owner)) owner[$1] = $2; next }
  { path = $2; gsub(/\\/, "&&", path); print (($2 in owner) ? owner[$2] : nobody) "\t" FNR "\t" $1 "\t" path }' "$work/owned" - > "$work/files"

write_templates
mkdir -p usr/share/hadron
for sbom in "${sboms[@]}"; do
  awk -F '\t' -v pins="$needs/pins" -v files="$work/files" -v base="$work/$sbom" '
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
    function put_files(owner,  i) {
      for (i = 1; i <= count; i++)
        if (owner == "" || owner == owners[i]) put(fill(fill(fill(pattern, "@NUMBER@", i), "@SHA256@", digests[i]), "@PATH@", paths[i]))
    }
    function references(owner,  i, list) {
      for (i = 1; i <= count; i++)
        if (owner == owners[i]) list = list (list == "" ? "" : ",") fill(reference, "@NUMBER@", i)
      return list
    }
    BEGIN {
      while ((getline pin < pins) > 0) { split(pin, part, "  "); used[part[2]] = part[1] }
      while ((getline < files) > 0) { count = $2; owners[count] = $1; digests[count] = $3; paths[count] = $4 }
      while ((getline < (base ".variants")) > 0) if (used[$1] == $2) variant[$1] = $3
      getline pattern < (base ".file")
      getline reference < (base ".reference")
      while ((getline text < (base ".lines")) > 0) {
        split(text, word, " ")
        if (word[1] == "@source") {
          if (!(word[2] in variant)) { print "No bytes of the source " word[2] " are known that were used" > "/dev/stderr"; exit 1 }
          put(variant[word[2]])
        }
        else if (word[1] == "@files") put_files(word[2])
        else if (word[1] == "@with-files") {
          list = references(word[2])
          if (list != "") put(fill(substr(text, length(word[1] " " word[2] " ") + 1), "@FILES@", list))
        }
        else put(text)
      }
      printf "\n"
    }' > "$work/$sbom"
  id=$(sha256sum "$work/$sbom" | cut -c 1-32)
  uuid=$(sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-8\3-8\4-\5/' <<< "$id")
  sed "s/@ID@/${id:0:16}/g; s/@UUID@/$uuid/g" "$work/$sbom" > "usr/share/hadron/$sbom"
done
chmod 755 usr/share/hadron
chmod 644 usr/share/hadron/*
