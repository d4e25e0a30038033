#!/usr/bin/env bash
# Plants one bug at a time in a copy of the sources and sees that a test fails for each: the proof
# that the tests look where bugs live. A bug is bugs/NAME.patch: a line that says what is wrong, a line
# "programs: ..." with the test programs to try first, and the diff. Besides, every wait of the layers above
# the streams is left out, one at a time: wait_FILE_N. Those the race check of `modelled` must name, too.
#   tests/planted_bugs/run.sh [NAME...]     all bugs, or some; brings their rows of docs/planted_bugs.md up to date
# LAB_PLANTED_TIMEOUT_S: seconds a program may take on a busy machine (120).
# Takes some minutes: one build, then for each bug what it touches of its programs. Exit code 1 if a bug survives.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
work=$root/build/planted_bugs
programs="schedule comm cpu cpu_exchange tensor tensor_parallel layers_exact layers_reference model checkpoint checkpoint_blocks decoder_exact decoder_reference modelled pipeline pipeline_exact plan inference inference_exact tp_styles collectives faults"
mkdir -p "$work/source"

# Only files that changed are copied, so a second run builds little.
mkdir -p "$work/fresh"
(cd "$root" && git ls-files -z -- CMakeLists.txt cmake core data exercises labs solutions tests viz docs | xargs -0 tar cf -) |
  tar xf - -C "$work/fresh"
(cd "$work/fresh" && find . -type f -print0 | while IFS= read -r -d '' f; do
  cmp -s "$f" "$work/source/$f" || { mkdir -p "$work/source/$(dirname "$f")" && cp "$f" "$work/source/$f"; }
done)

# The patches of one file's waits: each in its turn becomes an empty statement. Not those that order
# nothing on the device ("no race"), such as the one that lets synchronize() cover further streams.
leave_out_waits() {  # leave_out_waits FILE PROGRAMS
  local file=$1 programs=$2 n=0 line wait
  while IFS=: read -r line wait; do
    n=$((n + 1))
    {
      echo "\`$(sed 's/^ *//; s/;.*//' <<<"$wait")\` of $file is left out"
      echo "programs: $programs"
      sed "${line}s/[A-Za-z_.>-]*wait(.*);/;/" "$work/source/$file" |
        diff -u --label "a/$file" --label "b/$file" "$work/source/$file" - || true
    } >"$work/waits/wait_$(basename "$file" .cc)_$n.patch"
  done < <(grep -nE '^ *[a-z_.]+(->|\.)wait\(.*\);' "$work/source/$file" | grep -v '// no race')
}
rm -rf "$work/waits"
mkdir "$work/waits"
for file in $(cd "$work/source" && grep -lE 'wait\(' core/{collectives,tensor_parallel,pipeline,model}/*.cc); do
  case $file in
    core/tensor_parallel/*) leave_out_waits "$file" tp_styles ;;
    core/model/inference*) leave_out_waits "$file" "inference_exact inference" ;;
    *) leave_out_waits "$file" "pipeline pipeline_exact" ;;
  esac
done

build() { cmake --build "$work/build" --target $(printf 'test_%s ' "$@") >"$work/build.log" 2>&1; }
# First program of a list that fails, or nothing. A hang is a failure too.
first_failure() {
  local program
  for program in "$@"; do
    timeout "${LAB_PLANTED_TIMEOUT_S:-120}" "$work/build/test_$program" >"$work/$program.log" 2>&1 || { echo "$program"; return; }
  done
}

cmake -S "$work/source" -B "$work/build" -G Ninja -DSHARDPIPE_CUDA=OFF >"$work/build.log" 2>&1
build $programs || { tail -20 "$work/build.log"; exit 1; }
failed=$(first_failure $programs)
[[ -z $failed ]] || { echo "without a bug test_$failed fails already: see $work/$failed.log"; exit 1; }

patches=("$root"/tests/planted_bugs/bugs/*.patch "$work"/waits/*.patch)
names=("$@")
[[ $# -gt 0 ]] || for patch in "${patches[@]}"; do names+=("$(basename "$patch" .patch)"); done
rows="" survivors=0
for name in "${names[@]}"; do
  patch=$root/tests/planted_bugs/bugs/$name.patch
  [[ $name != wait_* ]] || patch=$work/waits/$name.patch
  [[ -f $patch ]] || { echo "no bug is called $name"; exit 1; }
  what=$(sed -n 1p "$patch")
  first=$(sed -n 's/^programs: //p' "$patch")
  if ! (cd "$work/source" && patch -p1 --quiet --no-backup-if-mismatch <"$patch"); then
    echo "$name: the patch does not apply any more"; exit 1
  fi
  if build $first; then
    caught=$(first_failure $first)
    if [[ -z $caught ]]; then
      rest=$(for p in $programs; do [[ " $first " == *" $p "* ]] || echo "$p"; done)
      build $rest && caught=$(first_failure $rest)
    fi
    test=$([[ -z $caught ]] || awk '/^-+$/ { getline; if ($0 !~ /^-+$/ && length) { print; exit } }' "$work/$caught.log")
  else
    caught=compiler test="does not compile"
  fi
  if [[ $name == wait_* ]]; then
    named=""
    for program in $first; do
      first_failure "$program" >/dev/null
      if grep -q 'race on rank' "$work/$program.log"; then named=yes; break; fi
    done
    if [[ $named ]]; then test+=" (race check)"; else caught=""; fi
  fi
  (cd "$work/source" && patch -p1 --quiet --reverse --no-backup-if-mismatch <"$patch")
  if [[ $caught ]]; then
    printf 'caught    %-28s by %s\n' "$name" "$caught"
  else
    printf 'SURVIVED  %-28s %s\n' "$name" "$what"
    survivors=$((survivors + 1))
  fi
  rows+="| \`$name\` | $what | ${caught:+test_}${caught:-**survived**} | ${test:-} |"$'\n'
done
echo "${#names[@]} bugs planted, $survivors survived"

# The page keeps the rows of bugs that did not run this time.
page=$root/docs/planted_bugs.md
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  [[ $rows == *"| \`$name\` |"* ]] || rows+=$(grep -F "| \`$name\` |" "$page" || true)$'\n'
done
rows=$(grep '^|' <<<"$rows" | LC_ALL=C sort)
{
  echo "# Planted bugs"
  echo
  echo "\`tests/planted_bugs/run.sh\` breaks one thing at a time and sees a test fail. It wrote this table."
  echo "$(wc -l <<<"$rows") bugs planted, $(grep -c 'survived' <<<"$rows" || true) survived."
  echo
  echo "| bug | what is wrong | caught by | first failing test |"
  echo "|---|---|---|---|"
  echo "$rows"
} >"$page.new"
mv "$page.new" "$page"
[[ $survivors = 0 ]]
