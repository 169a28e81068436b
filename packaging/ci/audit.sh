#!/bin/bash
# Audits rulesets, of one host or of many, in a step of GitHub Actions: annotations on standard output, SARIF in
# a file, a summary for the job. Run by action.yml, which gives what it needs in the environment:
#   UNTRACK_RULES    files, directories and patterns, one a line
#   UNTRACK_HOSTS    "true": each line, and each name that a pattern in it matches, is a host of its own
#   UNTRACK_FAIL_ON  error, warning, note or never
#   UNTRACK_ARGS     other words for `untrack audit`, one a line
#   UNTRACK_SARIF    the file for SARIF
# Exit status: that of untrack audit; 2 if a line of UNTRACK_RULES finds nothing.
set -eu -o pipefail
shopt -s nullglob globstar

rules=()
while IFS= read -r line; do
  [ -n "$line" ] || continue
  if [ -e "$line" ] || [ "${UNTRACK_HOSTS-}" = true ]; then
    found=("$line") # untrack itself knows patterns, directories and files joined by commas
  else
    IFS='' # patterns are expanded, blanks in names split nothing
    # shellcheck disable=SC2206
    found=($line)
    unset IFS
  fi
  # A word without a pattern in it stays as it is.
  if [ "${UNTRACK_HOSTS-}" != true ] && { [ ${#found[@]} = 0 ] || [ ! -e "${found[0]}" ]; }; then
    # No command of the workflow may hide in the name.
    printf '::error title=untrack::No ruleset is called %q\n' "$line"
    exit 2
  fi
  for file in "${found[@]}"; do
    case $file in -*) file=./$file ;; esac
    rules+=("$file")
  done
done <<<"$UNTRACK_RULES"
if [ ${#rules[@]} = 0 ]; then
  echo '::error title=untrack::No ruleset is named'
  exit 2
fi

args=()
while IFS= read -r line; do
  [ -z "$line" ] || args+=("$line")
done <<<"${UNTRACK_ARGS-}"
[ "${UNTRACK_HOSTS-}" != true ] || args+=(--hosts)
[ "$UNTRACK_FAIL_ON" = never ] || args+=(--fail-on "$UNTRACK_FAIL_ON")

summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
status=0
untrack audit --output github --output "sarif=$UNTRACK_SARIF" --output "markdown=$summary" \
  "${args[@]}" "${rules[@]}" || status=$?
[ -z "${GITHUB_STEP_SUMMARY-}" ] || cat "$summary" >>"$GITHUB_STEP_SUMMARY"
if [ -n "${GITHUB_OUTPUT-}" ]; then
  printf 'status=%s\n' "$status" >>"$GITHUB_OUTPUT"
  # A name of a file may hold a line break, which would begin another output.
  printf 'sarif=%s\n' "${UNTRACK_SARIF//[$'\r\n']/ }" >>"$GITHUB_OUTPUT"
fi
[ "$UNTRACK_FAIL_ON" != never ] || [ "$status" != 1 ] || status=0
exit "$status"
