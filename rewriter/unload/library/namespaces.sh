# Other network namespaces.
# shellcheck shell=sh
# shellcheck disable=SC2154  # what the plan says, and what the other parts set or read

# --- other network namespaces: their rules hold the same modules, and are not seen from here

other_namespaces() {
  own=$(readlink /proc/self/ns/net 2>/dev/null) || return 0
  {
    for link in /proc/[0-9]*/ns/net; do
      other=$(readlink "$link" 2>/dev/null) || continue
      [ "$other" != "$own" ] || continue
      pid=${link#/proc/}
      pid=${pid%%/*}
      other=${other#*[}
      echo "${other%]} process $pid $(cat "/proc/$pid/comm" 2>/dev/null)"
    done
    for file in /run/netns/* /var/run/netns/* /run/docker/netns/*; do
      [ -e "$file" ] || continue
      inode=$(stat -c %i "$file" 2>/dev/null) || continue
      [ "net:[$inode]" = "$own" ] || echo "$inode $file"
    done
  } | sort -u | awk '!seen[$1]++ { print "  net:[" $1 "]" substr($0, length($1) + 1) }'
}

check_namespaces() {
  found=$(other_namespaces | printable)
  [ -n "$found" ] || return 0
  if [ "$ignore_namespaces" = 1 ]; then
    say "note: network namespaces that were not looked into:
$found"
  else
    refuse "other network namespaces, whose rules hold the same modules (--ignore-namespaces: go on):
$found"
  fi
}
