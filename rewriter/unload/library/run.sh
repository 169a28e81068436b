# The dry run, the run, and the options. Ends with the call of main.
# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034  # what the plan says, and what the other parts set or read

# --- the run

check_all() {
  for id in $steps; do
    case $id in
      check-*) check_step "$id" ;;
    esac
  done
  [ "$refusals" = 0 ] && return 0
  reasons=reasons
  [ "$refusals" != 1 ] || reasons=reason
  say "Refused for $refusals $reasons; nothing was changed."
  exit 1
}

dry_run() {
  check_all
  for id in $steps; do
    case $id in
      check-*) say "ok     $(describe_step "$id")" ;;
      remove-*)
        if is_loaded "${id#remove-}"; then
          say "would  $(describe_step "$id")"
        fi
        ;;
      *) say "would  $(describe_step "$id")" ;;
    esac
  done
  name_stale_settings
  say "Dry run: nothing was changed. --run does it, and rolls back unless confirmed in time."
  exit 0
}

fail() {
  complain "$1"
  give_turn
  if decide; then
    roll_back && exit 3
    exit 4
  fi
  # The timer was first; what it says is what happened.
  left=60
  while [ ! -s "$dir/result" ] && [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
  done
  cat "$dir/timer.log"
  [ "$(cat "$dir/result" 2>/dev/null)" = rolled-back ] && exit 3
  exit 4
}

run() {
  mkdir -p "$base_dir" && chmod 700 "$base_dir" || exit 1
  if dir=$(cat "$base_dir/current" 2>/dev/null) && [ ! -e "$dir/decided" ] &&
    kill -0 "$(cat "$dir/timer" 2>/dev/null)" 2>/dev/null; then
    complain "a run waits for its confirmation: --confirm or --rollback first"
    exit 1
  fi
  check_all
  dir=$(mktemp -d "$base_dir/run.XXXXXX") || exit 1
  : >"$dir/journal" && echo "$dir" >"$base_dir/current" || exit 1
  trap '' HUP PIPE
  trap 'fail "interrupted"' INT TERM
  for id in $steps; do
    case $id in
      check-*) continue ;;
    esac
    take_turn || fail "the rollback is at work"
    [ ! -e "$dir/decided" ] || fail "the time to confirm is over"
    check_step "$id"
    case $? in
      0) ;;
      3)
        give_turn
        continue
        ;;
      *) fail "stopped before: $(describe_step "$id")" ;;
    esac
    say "$(describe_step "$id")"
    echo "$id" >>"$dir/journal"
    do_step "$id" || fail "failed: $(describe_step "$id")"
    give_turn
  done
  : >"$dir/finished"
  say "Done. Open a new connection to this host, then within $confirm_within seconds:"
  say "  sh unload.sh --confirm      (or: touch $dir/confirmed)"
  say "Otherwise everything is put back. Backup: $dir"
  exit 0
}

number() {
  case $1 in
    '' | *[!0-9]* | 0* | ??????*) return 1 ;;
  esac
}

main() {
  action=dry_run
  while [ $# -gt 0 ]; do
    case $1 in
      --run) action=run ;;
      --confirm) action=confirm ;;
      --rollback) action=manual_rollback ;;
      --confirm-within)
        if [ $# -lt 2 ] || ! number "$2"; then
          complain "--confirm-within needs a number of seconds from 1 to 99999"
          exit 2
        fi
        confirm_within=$2
        shift
        ;;
      --ignore-namespaces) ignore_namespaces=1 ;;
      --ignore-boot-rules) ignore_boot_rules=1 ;;
      --help | -h)
        usage
        exit 0
        ;;
      *)
        complain "not an option: $1"
        usage >&2
        exit 2
        ;;
    esac
    shift
  done
  case $action in
    run) run ;;
    confirm) confirm ;;
    manual_rollback) manual_rollback ;;
    *) dry_run ;;
  esac
}

main "$@"
