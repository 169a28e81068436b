#!/bin/bash
# Builds untrack from this tree for a job of a CI system and puts it into the PATH of the steps that
# follow, unless a program of that name is there already. Run by action.yml.
set -eu -o pipefail
if command -v untrack >/dev/null; then
  untrack version
  exit 0
fi
source=$(cd "$(dirname "$0")/../.." && pwd)
"$source/packaging/need_packages" build
build=${RUNNER_TEMP:-/tmp}/untrack-build
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DUNTRACK_TESTS=OFF
cmake --build "$build" --target untrack
"$build/untrack" version
[ -z "${GITHUB_PATH-}" ] || echo "$build" >>"$GITHUB_PATH"
