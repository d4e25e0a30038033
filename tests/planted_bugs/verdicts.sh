#!/usr/bin/env bash
# What the verdict of a run says of planted bugs (run.sh): a patch's line "verdict: LAB FLAGS" is the run
# that has to be called different; "verdict: none, WHY" says why no run can show it. Writes
# docs/planted_verdicts.md, from which a run's output says what its bound can see.
#   tests/planted_bugs/verdicts.sh [NAME...]     all of them, or some; the rows of others are kept
# Takes some minutes. Exit code 1 if a bug is not seen.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
work=$root/build/planted_verdicts
page=$root/docs/planted_verdicts.md
command -v jq >/dev/null || { echo "jq is missing: apt-get install jq"; exit 1; }

# Only files that changed are copied, so a second run builds little.
mkdir -p "$work/fresh" "$work/source"
(cd "$root" && git ls-files -z -- CMakeLists.txt cmake core data exercises labs solutions tests viz docs | xargs -0 tar cf -) |
  tar xf - -C "$work/fresh"
(cd "$work/fresh" && find . -type f -print0 | while IFS= read -r -d '' f; do
  cmp -s "$f" "$work/source/$f" || { mkdir -p "$work/source/$(dirname "$f")" && cp "$f" "$work/source/$f"; }
done)
cmake -S "$work/source" -B "$work/build" -G Ninja -DSHARDPIPE_CUDA=OFF >"$work/build.log" 2>&1
build() { cmake --build "$work/build" --target lab >"$work/build.log" 2>&1; }
build || { tail -20 "$work/build.log"; exit 1; }

# Prints "VERDICT | DIFFERENCE | BOUND" of a run: of what is furthest beyond its bound, over its scale.
verdict() {
  local json rc=0 passed missing difference bound
  json=$(timeout 120 "$work/build/lab" run $1 --json 2>"$work/stderr") || rc=$?
  if [[ $rc != 0 && $rc != 1 ]] || ! jq -e .check >/dev/null 2>&1 <<<"$json"; then
    echo "ends with code $rc | - | -"
    return
  fi
  read -r passed missing difference bound < <(jq -r '.check |
    (.compared | max_by(if .difference == 0 then 0 elif .bound == 0 then 1e300 else .difference / .bound end)) as $c |
    "\(.passed) \(.missing) \($c.difference) \($c.bound)"' <<<"$json")
  [[ $passed = true ]] && printf 'equal' || printf '**differs**'
  [[ $missing = 0 ]] && printf ' | %.1e' "$difference" || printf ' | %s numbers missing' "$missing"
  printf ' | %.1e\n' "$bound"
}

rows="" unseen=0
names=("$@")
[[ $# -gt 0 ]] || for patch in $(grep -l '^verdict: ' "$root"/tests/planted_bugs/bugs/*.patch); do
  names+=("$(basename "$patch" .patch)")
done
for name in "${names[@]}"; do
  patch=$root/tests/planted_bugs/bugs/$name.patch
  run=$(sed -n 's/^verdict: //p' "$patch")
  what=$(sed -n 1p "$patch")
  if [[ $run = none,* ]]; then
    rows+="| \`$name\` | $what | - | only tests: ${run#none, } | | |"$'\n'
    continue
  fi
  before=$(verdict "$run")
  [[ $before = equal* ]] || { echo "$name: without the bug, too, the run is $before: lab run $run"; exit 1; }
  (cd "$work/source" && patch -p1 --quiet --no-backup-if-mismatch <"$patch") || { echo "$name: does not apply any more"; exit 1; }
  build && got=$(verdict "$run") || got="does not compile | - | -"
  (cd "$work/source" && patch -p1 --quiet --reverse --no-backup-if-mismatch <"$patch")
  [[ $got = equal* ]] && { unseen=$((unseen + 1)); got=${got/equal/**equal**}; }
  printf '%-30s %s\n' "$name" "$got"
  rows+="| \`$name\` | $what | \`$run\` | $got |"$'\n'
  build  # without the bug again
done

for patch in "$root"/tests/planted_bugs/bugs/*.patch; do
  name=$(basename "$patch" .patch)
  [[ $rows == *"| \`$name\` |"* ]] || rows+=$(grep -F "| \`$name\` |" "$page" 2>/dev/null || true)$'\n'
done
rows=$(grep '^|' <<<"$rows" | LC_ALL=C sort)
{
  echo "# What a verdict sees"
  echo
  echo "A run on several ranks is compared with one rank (labs/verdict.h). Of the planted bugs"
  echo "(planted_bugs.md) that change a model's numbers, these runs show whether it is noticed; where both"
  echo "runs have the bug only tests can see it. Difference and bound are over the largest number of their"
  echo "kind, of what is furthest beyond its bound. \`tests/planted_bugs/verdicts.sh\` wrote this page."
  echo "$(grep -c 'differs\|ends with code' <<<"$rows" || true) are seen, $(grep -c '\*\*equal' <<<"$rows" || true) are not, $(grep -c 'only tests' <<<"$rows" || true) only tests can see."
  echo
  echo "| bug | what is wrong | \`./lab run\` | verdict | difference | bound |"
  echo "|---|---|---|---|---|---|"
  echo "$rows"
} >"$page.new"
mv "$page.new" "$page"
[[ $unseen = 0 ]]
