# What the script says, and how: messages, refusals, the usage.
# shellcheck shell=sh

say() { printf '%s\n' "$*"; }
complain() { printf 'unload: %s\n' "$*" >&2; }
refuse() {
  refusals=$((refusals + 1))
  printf 'refused: %s\n' "$*"
}

# Rules and process names may hold anything: only printable ASCII reaches the terminal.
printable() { LC_ALL=C tr -c '\11\12\40-\176' '?'; }

usage() {
  cat <<'END'
usage: sh unload.sh                      say what would be done, after all checks; changes nothing
       sh unload.sh --run [--confirm-within SECONDS]
                                         do it; roll back unless confirmed in time (default: 120)
       sh unload.sh --confirm            keep it, also after the next boot
       sh unload.sh --rollback           put back rules, policies, modules; also after --confirm
options: --ignore-namespaces   go on although there are other network namespaces
         --ignore-boot-rules   go on although rules loaded at boot need tracking
exit status: 0 done, or nothing speaks against it; 1 refused, nothing was changed; 2 bad usage;
             3 rolled back; 4 the rollback was not complete
END
}
