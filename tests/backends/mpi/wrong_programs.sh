#!/usr/bin/env bash
# Wrong programs on three processes: each ends by itself with the right code and one sentence that
# names what each rank did, and leaves no process behind.
# Usage: wrong_programs.sh PATH/TO/mpi_wrong_program MPIRUN...
set -u
program=$1
shift
failed=0 passed=0

# ends CODE[|CODE...] FAULT WORDS...: exit code, and each of WORDS in one line of stderr
ends() {
  local codes=$1 fault=$2 said code line good
  shift 2
  said=$(timeout -k 5 60 "${mpirun[@]}" -n 3 "$program" "$fault" 2>&1 >/dev/null)
  code=$?
  line=$(grep -E '^lab: |mpirun noticed|exiting improperly|rank [0-9]+ with PID' <<<"$said" | tr '\n' ' ')
  good=yes
  [[ "|$codes|" == *"|$code|"* ]] || good=""
  for words in "$@"; do [[ $line == *"$words"* ]] || good=""; done
  [[ $(grep -c '^lab: ' <<<"$said") -le 1 ]] || good=""
  if pgrep -f "$program $fault" >/dev/null; then
    good="" line+=" (a process is left)"
  fi
  if [[ $good ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s: exit %s (want %s), said:\n%s\n' "$fault" "$code" "$codes" "$said"
  fi
}

mpirun=("$@")
waits='waits in all_reduce #1 of tp[0,1,2] (32 bytes f32)'
ends 1 throws "rank 1: the disk is full" "rank 0 $waits" "rank 2 $waits"
ends 1 throws-in-body "rank 1: no such kernel" "rank 0 $waits"
ends 5 throws-something "rank 1: odd" "rank 2 $waits"
ends 5 exits "rank 1 ended its process inside a run"
ends 1 leaves "rank 1 with PID"
ends 137 killed "rank 1 with PID" "signal 9"
ends 4 sleeps "no progress for 3 s" "rank 0 $waits" "rank 1 is inside its program" "rank 2 $waits"
ends 4 stops "rank 0 $waits" "rank 1 does not answer" "rank 2 $waits"
ends 4 first-stops "rank 0 does not answer" "rank 1 waits in all_reduce #0" "rank 2 waits in all_reduce #0"
ends 4 spins "rank 0 $waits" "rank 1 is inside spin"
ends 2 usage "lab: --tp 3 does not divide 4 heads"
ends 1 collective "rank 0 is in all_reduce #0" "rank 1 is in broadcast #0" "rank 2 is in all_reduce #0"
ends 1 size "rank 1 is in all_reduce #0 of tp[0,1,2] (32 bytes f32)" "rank 2 is in all_reduce #0 of tp[0,1,2] (36 bytes"
ends 1 dtype "rank 0 is in all_reduce #0 of tp[0,1,2] (32 bytes i32)" "rank 1 is in all_reduce #0 of tp[0,1,2] (32 bytes f32)"
ends 1 order "rank 0 is in all_reduce #0 of tp[0,1,2] (16 bytes f32)" "rank 1 is in all_reduce #0 of tp[0,1,2] (32 bytes f32)"
ends 4 missing "rank 0 waits in all_reduce #0 of tp[0,1,2] (32 bytes f32)" "rank 2 waits for the others: its program has returned"
ends 4 crossed "rank 0 waits in exchange of tp[0,1,2] (send 16 bytes to rank 1)" "rank 2 waits in exchange of tp[0,1,2] (send 16 bytes to rank 0)"
ends 1 message-size "rank 1 expects 20 bytes f32 from rank 0, which sends 16 bytes f32"
ends 1 message-dtype "rank 1 expects 16 bytes i32 from rank 0, which sends 16 bytes f32"
ends 4 group "rank 0 waits in subgroup wrong[0,1,2] of world[0,1,2]" "rank 1 waits in subgroup wrong[1,2] of world[0,1,2]"
ends 1 group-size "subgroup wrong[0,1,2] of world[0,1,2]: rank 1 asks for another group" "rank 1 waits in subgroup wrong[0,1]"

echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
