#!/usr/bin/env bash
# planted_stages_test.sh SOURCE: stages that hang, crash, fail or are not to be had. Each is told apart in
# the table, with what it said, and all others run.
set -u
run=$1/tests/gpu/run.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
wrong() {
  echo "FAILED: $1"
  failed=1
}
cat >"$work/stages.txt" <<'END'
good      60  -      echo first; echo "all is well"
hangs     1   -      echo "before it"; sleep 600
deaf      1   -      trap "" TERM; echo "not listening"; while :; do sleep 1; done
crashes   60  -      echo "here it was"; kill -SEGV $$
killed    60  -      echo "memory is over"; kill -KILL $$
fails     60  -      echo "rank 1: error: no sum"; echo "and more"; exit 1
waits     60  fails  echo never
no-gpu    60  -      echo "skipped: no GPU"; exit 77
no-lab    60  no-gpu echo never
last      60  good   echo "$stage runs"
END
expect() {  # expect TABLE ARG...: run.sh makes that table, and says with its exit code whether all is well
  local table=$1 code
  shift
  env -u OUT "$run" --build "$work/build" --stages "$work/stages.txt" "$@" >"$work/said" 2>&1
  code=$?
  sed -E 's/ +[0-9]+ s  /|/; s/ +(ok|HANGS|CRASHED|FAILED|not run|skipped)/|\1/; s/ +\|/|/g' \
    "$work/build/gpu_run/table.txt" >"$work/table"
  diff <(echo "$table") "$work/table" || wrong "run.sh $*: the table differs"
  if grep -qE '\|(HANGS|CRASHED|FAILED|not run)\|' <<<"$table"; then
    [[ $code == 1 ]] || wrong "run.sh $*: exit code $code, not 1"
  else
    [[ $code == 0 ]] || wrong "run.sh $*: exit code $code, not 0"
  fi
}

expect 'good|ok|all is well
hangs|HANGS|no end within 1 s; last it said: before it
deaf|HANGS|no end within 1 s; last it said: not listening
crashes|CRASHED|ended by signal 11; last it said: here it was
killed|CRASHED|ended by signal 9; last it said: memory is over
fails|FAILED|rank 1: error: no sum
waits|not run|it needs the stage fails
no-gpu|skipped|skipped: no GPU
no-lab|skipped|it needs the stage no-gpu
last|ok|last runs'
tar -tzf "$work/build/gpu_run.tar.gz" | grep -qx gpu_run/logs/crashes.log || wrong "the archive lacks a log"
expect 'no-gpu|skipped|skipped: no GPU
no-lab|skipped|it needs the stage no-gpu
last|ok|last runs' --from no-gpu
expect 'last|ok|last runs' --only last

# No time is left: what was not tried is said, and how to go on.
printf '%s\n' 'slow 60 - echo begun; sleep 600' 'late 60 - echo never' >"$work/stages.txt"
export GPU_LIMIT_S=1
expect 'slow|HANGS|no end within 1 s; last it said: begun
late|not run|the 1 s are over; the rest: --from late'
unset GPU_LIMIT_S

# $OUT takes the archive.
printf 'one 60 - echo done\n' >"$work/stages.txt"
OUT=$work/out "$run" --build "$work/build" --stages "$work/stages.txt" >/dev/null || wrong "with OUT: exit code $?"
[[ -s $work/out/gpu_run.tar.gz ]] || wrong "OUT holds no archive"

refuses() {
  "$run" --build "$work/build" "$@" >/dev/null 2>"$work/said"
  [[ $? == 2 && $(wc -l <"$work/said") == 1 ]] || wrong "run.sh $* is not refused in one line"
}
refuses --only nothing
refuses --from
refuses --stages "$work/none.txt"
refuses now
exit $failed
