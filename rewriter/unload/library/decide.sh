# Who decides what becomes of a run: confirmed, rolled back by hand, or by the timer.
# shellcheck shell=sh
# shellcheck disable=SC2154  # what the plan says, and what the other parts set or read

# --- who decides: the timer, --confirm or --rollback, whoever makes the directory first

decide() { mkdir "$dir/decided" 2>/dev/null; }
take_turn() {
  left=60
  until mkdir "$dir/turn" 2>/dev/null; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 1
  done
}
give_turn() { rmdir "$dir/turn" 2>/dev/null; }

roll_back() {
  incomplete=0
  rm -f "$transient_block" "$persistent_block"
  done_steps=$(awk '{ line[NR] = $0 } END { for (i = NR; i > 0; i--) print line[i] }' "$dir/journal")
  for id in $done_steps; do
    undo_step "$id" || {
      complain "not undone: $id"
      incomplete=1
    }
  done
  restore_tables || incomplete=1
  restore_settings
  if [ "$incomplete" = 0 ]; then
    echo rolled-back >"$dir/result"
    if [ -n "$left_alone" ]; then
      say "rolled back: modules and nat tables are those of before. Not touched:$left_alone"
    else
      say "rolled back: rules, policies and modules are those of before"
    fi
    return 0
  fi
  echo incomplete >"$dir/result"
  complain "the rollback is not complete; the backup is in $dir"
  return 1
}

keep() {
  write_block "$persistent_block" && rm -f "$transient_block" && : >"$dir/kept" &&
    echo confirmed >"$dir/result"
}

# Runs in the background from before the first change on: a run that never finishes is rolled back,
# too. Once it has finished, the whole time to confirm is given.
rollback_timer() {
  trap '' HUP INT PIPE
  seconds=$1
  finished=0
  while [ "$seconds" -gt 0 ]; do
    [ ! -e "$dir/confirmed" ] || break
    [ ! -e "$dir/decided" ] || return 0
    if [ "$finished" = 0 ] && [ -e "$dir/finished" ]; then
      finished=1
      seconds=$1
    fi
    sleep 1
    seconds=$((seconds - 1))
  done
  if [ -e "$dir/confirmed" ]; then
    decide && keep
    return
  fi
  decide || return 0
  take_turn
  roll_back
}

current_run() {
  dir=$(cat "$base_dir/current" 2>/dev/null) && [ -n "$dir" ] && [ -d "$dir" ] && return 0
  complain "there is no run to confirm or to roll back"
  exit 1
}

confirm() {
  current_run
  if [ ! -e "$dir/finished" ]; then
    complain "the run has not finished"
    exit 1
  fi
  : >"$dir/confirmed"
  left=5
  while [ ! -s "$dir/result" ] && [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
  done
  # No answer: the timer was killed. Then the decision is still open.
  if [ ! -s "$dir/result" ] && decide; then keep; fi
  case $(cat "$dir/result" 2>/dev/null) in
    confirmed)
      say "confirmed: $persistent_block keeps the modules from loading at boot"
      name_stale_settings
      exit 0
      ;;
    *)
      complain "too late: it was rolled back"
      exit 3
      ;;
  esac
}

manual_rollback() {
  current_run
  case $(cat "$dir/result" 2>/dev/null) in
    rolled-back)
      say "it was rolled back already"
      exit 0
      ;;
  esac
  if ! decide && [ ! -s "$dir/result" ]; then
    complain "the timer is just rolling back; see $dir/timer.log"
    exit 3
  fi
  rmdir "$dir/turn" 2>/dev/null
  roll_back && exit 0
  exit 4
}
