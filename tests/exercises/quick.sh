#!/usr/bin/env bash
# What a check costs, in things that can be counted: at most one file is compiled, none where nothing has
# changed; no known wrong answer is run to name a mistake; and what the compiler reads of an answer stays small.
#   quick.sh BUILD
set -uo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
most_lines=65000 # of an answer, preprocessed
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect "WORDS": in what the check of $work/answer.cc says, with its times
expect() {
  "$build/lab" check day01_reduce_scatter --seed 7 --verbose --file "$work/answer.cc" >"$work/said" 2>&1
  if ! grep -qE -- "$1" "$work/said"; then
    echo "$2: expected '$1', got"
    sed 's/^/    /' "$work/said"
    failed=1
  fi
}

# The stub's region with a body from the folder of the exercise.
solution=$root/solutions/day01_collectives/day01_reduce_scatter
answer_with() {
  awk -v body="$(grep -v '^// region\|^// say' "$1")" '/<<< region 1/ { on = 0 } !on
    />>> region 1/ { print body; on = 1 }' "$solution/solution.cc" >"$work/answer.cc"
}

cp "$solution/solution.cc" "$work/answer.cc"
expect '^LABVERDICT .* PASS 100 ' "our solution" # whatever had to be built is built
echo "// an edit, of the seconds $SECONDS and the process $$" >>"$work/answer.cc"
expect '^times +compile [0-9.]+ s \(files: 1\)' "a check after an edit"
expect '^times +compile [0-9.]+ s \(files: 0\)' "a check of the same file"

answer_with "$solution/wrong/RS-OVERWRITE.inc"
remembered=$build/grade/known_day01_reduce_scatter.signatures
expect '\(known wrong answers run: 0\)$' "a known mistake"
expect '^LABVERDICT .* RS-OVERWRITE ' "a known mistake"
cp "$remembered" "$work/whole"
for damage in 'RS-OVERWRITE 0' ''; do
  printf '%s\n' "$damage" >"$remembered"
  expect '^LABVERDICT .* RS-OVERWRITE ' "a known mistake, where what is remembered was damaged"
  cmp "$remembered" "$work/whole" || failed=1
done

compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
for stub in "$root"/exercises/*/*.cc; do
  lines=$("$compiler" -std=c++20 -I"$root" -E -P "$stub" | wc -l)
  ((lines > 0 && lines <= most_lines)) || {
    echo "$stub: $lines lines after the preprocessor, at most $most_lines are allowed"
    failed=1
  }
done
exit $failed
