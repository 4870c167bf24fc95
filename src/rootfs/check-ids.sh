# Names the users and groups of the tree in this folder whose number is not the one that the OS's own list gives them. Numbers by
# order would change with the components, and with them who owns what in /var.
check_ids() {
  local ours=usr/lib/sysusers.d/00-hadron.conf kind file type name id wrong=
  local -A numbers=()
  while read -r type name id _; do
    case $type in
      u | 'u!') numbers["user $name"]=${id%%:*} ;;
      g) numbers["group $name"]=$id ;;
    esac
  done < $ours
  for kind in user group; do
    [ $kind = user ] && file=etc/passwd || file=etc/group
    while IFS=: read -r name _ id _; do
      [ "${numbers["$kind $name"]-}" != "$id" ] || continue
      echo "The $kind \"$name\" has the number $id, which os/$ours does not give it: a component brings it, so give it a fixed one there" >&2
      wrong=yes
    done < $file
  done
  [ -z "$wrong" ]
}
