#!/usr/bin/env bash
# check --device: what is right on cpu is run on another backend, which confirms it or does not, in a
# line of its own and without points.
#   confirm.sh BUILD
set -uo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
said=$(mktemp)
trap 'rm -f "$said"' EXIT
failed=0

# expect EXIT "LINE|LINE" EXERCISE FLAG...: the LABVERDICT lines (without "LABVERDICT EXERCISE "), or a pattern
# that what it says must fit.
expect() {
  local exit=$1 lines=$2 id=$3 got verdicts
  shift 3
  "$build/lab" check "$id" --seed 7 "$@" >"$said" 2>&1
  got=$?
  verdicts=$(sed -n "s/^LABVERDICT $id //p" "$said" | paste -sd '|')
  if [[ $got != "$exit" ]] || ! grep -qE -- "$lines" <<<"$verdicts"$'\n'"$(tr -s ' \n' ' ' <"$said")"; then
    echo "check $id $*: expected exit $exit and '$lines'; got exit $got and"
    sed 's/^/    /' "$said" | cut -c1-200
    failed=1
  fi
}

right=$root/solutions/day01_collectives/day01_reduce_scatter/solution.cc
expect 2 'runs on no device' day06_1f1b --file "$root/solutions/day06_schedules/day06_1f1b/solution.cc" --device mpi
# Where there is a GPU it confirms; elsewhere it says what is missing.
if "$build/lab" doctor | grep -qE '^cuda .*(not|no )'; then
  expect 6 'lab: ' day01_reduce_scatter --file "$right" --device cuda
else
  expect 0 '^cpu PASS 100 checks=[0-9]*\|cuda PASS - checks=[1-9]' day01_reduce_scatter --file "$right" --device cuda
fi
if [[ ! -e $build/libshardpipe_mpi.so ]]; then
  expect 6 'lab: ' day01_reduce_scatter --file "$right" --device mpi
  exit $failed
fi
expect 0 '^cpu PASS 100 checks=[0-9]*\|mpi PASS - checks=[1-9]' day01_reduce_scatter --file "$right" --device mpi
expect 3 '^cpu NOT_WRITTEN 0 checks=[0-9]*\|mpi NOT_RUN - checks=0$' day01_reduce_scatter \
  --file "$root/exercises/day01_collectives/day01_reduce_scatter.cc" --device mpi
ELSEWHERE=differs expect 1 '^cpu PASS 100 checks=[0-9]*\|mpi DIFFERS - checks=[1-9]' day01_reduce_scatter \
  --file "$here/elsewhere.cc" --device mpi
ELSEWHERE=crashes expect 5 'mpi: CRASH .* rank 1 of .* on the mpi device \(tests/exercises/elsewhere.cc:16\)' \
  day01_reduce_scatter --file "$here/elsewhere.cc" --device mpi
ELSEWHERE=hangs expect 4 '^cpu PASS 100 checks=[0-9]*\|mpi NO_END - checks=' day01_reduce_scatter \
  --file "$here/elsewhere.cc" --device mpi
exit $failed
