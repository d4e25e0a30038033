#!/usr/bin/env bash
# The list of wrong programs on three processes: each ends by itself with its exit code and its
# sentence, printed once, and leaves no process behind.
# Usage: faults_mpi.sh PATH/TO/wrong_program MPIRUN...
set -u
program=$1
shift
mpirun=("$@")
failed=0 passed=0

# ends FAULT CODE WORDS...
ends() {
  local fault=$1 want=$2 said code line good=yes
  shift 2
  said=$(timeout -k 5 60 "${mpirun[@]}" -n 3 "$program" mpi "$fault" 2>&1 >/dev/null </dev/null)
  code=$?
  line=$(grep -E '^lab: |mpirun noticed|exiting improperly|rank [0-9]+ with PID' <<<"$said" | tr '\n' ' ')
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

faults=$("$program" list mpi) || exit 1
while IFS=$'\t' read -r -a row; do
  ends "${row[@]}"
done <<<"$faults"
echo "$passed passed, $failed failed"
[[ $failed = 0 && $passed -gt 0 ]]
