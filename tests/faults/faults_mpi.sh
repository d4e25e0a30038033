#!/usr/bin/env bash
# The list of wrong programs on three processes: each ends by itself with its exit code and its
# sentence, printed once, and leaves no process behind. Some are asked for their last picture, too.
# Usage: faults_mpi.sh PATH/TO/wrong_program PATH/TO/lab MPIRUN...
set -u
program=$1 lab=$2
shift 2
mpirun=("$@")
failed=0 passed=0

# ends FAULT CODE WORDS...
ends() {
  local fault=$1 want=$2 said code line good=yes
  shift 2
  said=$(timeout -k 5 60 "${mpirun[@]}" -n 3 "$program" mpi "$fault" 2>&1 >/dev/null </dev/null)
  code=$?
  line=$(grep -E '^lab: |mpirun noticed|exiting improperly|rank [0-9]+ with PID' <<<"$said" | tr '\n' ' ')
  line=$(sed -E 's/ \([a-z_]+\.cc:[0-9]+\)//g; s/, [a-z_]+\.cc:[0-9]+//g' <<<"$line")  # the program's lines move
  [[ $code = "$want" ]] || good=""
  for words in "$@"; do [[ $line == *"$words"* ]] || good=""; done
  [[ $(grep -c '^lab: ' <<<"$said") -le 1 ]] || good=""
  if pgrep -f "$program mpi $fault$" >/dev/null; then
    good="" said+=$'\n(a process is left)'
  fi
  if [[ $good ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s: exit %s (want %s), wanted' "$fault" "$code" "$want"
    printf ' "%s"' "$@"
    printf ', said:\n%s\n' "$said"
  fi
}

# picture FAULT WORDS...: what the last picture of all processes says of the longest gaps
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
picture() {
  local fault=$1 said good=yes
  shift
  timeout -k 5 60 "${mpirun[@]}" -n 3 "$program" mpi "$fault" "$work/last.json" >/dev/null 2>"$work/err" </dev/null
  said=$("$lab" trace explain "$work/last.json" 2>&1 | tr -s ' \n' ' ') || good=""
  for words in "$@"; do [[ $said == *"$words"* ]] || good=""; done
  if [[ $good ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: last picture of %s, said:\n%s\n' "$fault" "$said"
    cat "$work/err"
  fi
  rm -f "$work/last.json"
}
picture shorter "of 3 ranks" "all_reduce (never ended) #3 of tp[0,1,2] waits for rank 2" \
  "rank 2 never came: the last that it did was all_reduce #2 of tp[0,1,2]"
picture crossed "exchange (never ended) of tp[0,1,2] waits for rank 0" "rank 2 waits there itself: a circle"
picture throws "all_reduce (never ended) #1 of tp[0,1,2] waits for rank 1"
picture stops "rank 1 never came: nothing that it did is recorded"
picture first-stops "of 3 ranks" "waits for rank 0" "rank 0 never came: nothing that it did is recorded"
picture last-stops "of 3 ranks" "rank 2 never came: nothing that it did is recorded"

faults=$("$program" list mpi) || exit 1
while IFS=$'\t' read -r -a row; do
  ends "${row[@]}"
done <<<"$faults"
echo "$passed passed, $failed failed"
[[ $failed = 0 && $passed -gt 0 ]]
