#!/usr/bin/env bash
# Answers that break rules, each in tests/exercises/hostile/NAME.cc, whose first line says what must
# come of it: "// expect: CODE EXIT PATTERN". Each is named, nothing else comes to harm.
#   hostile.sh BUILD [NAME...]
set -uo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ $# -gt 0 ]] || set -- $(cd "$here/hostile" && ls | sed 's/\.cc$//')
failed=0

for name in "$@"; do
  cp "$here/hostile/$name.cc" "$work/$name.cc"
  read -r _ _ code exit pattern <"$work/$name.cc"
  "$build/lab" check day01_reduce_scatter --seed 7 --file "$work/$name.cc" >"$work/said" 2>&1
  got=$?
  verdict=$(tail -1 "$work/said")
  # Sentences are broken into lines: the pattern is looked for in one long one.
  if [[ $got != "$exit" || $verdict != "LABVERDICT day01_reduce_scatter cpu $code 0 "* ]] ||
    ! tr -s ' \n' ' ' <"$work/said" | grep -qE -- "$pattern" || [[ ! -f $work/$name.cc ]]; then
    echo "$name: expected $code, exit $exit and '$pattern'; got exit $got and"
    tail -12 "$work/said" | cut -c1-200 | sed 's/^/    /'
    failed=1
  fi
done
if pgrep -f "$build/lab-grade" >/dev/null; then
  echo "a grading process is left over"
  failed=1
fi
exit $failed
