#!/usr/bin/env bash
# Variables that a launcher left over in the shell: only verbs that run ranks look at them, and these say
# which to unset. And what ends with lab: the viewer and the report that it started, its temporary folder.
# Usage: launchers.sh PATH/TO/lab
set -u
lab=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

count() {  # count NAME GOOD
  if [[ $2 ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $1"; cat err; fi
}

# left_over WORDS NAME=VALUE...: run, compare and demo refuse, in one line that contains WORDS
left_over() {
  local words=$1 good code
  shift
  for verb in "run tp-linear --steps 1" "run tp-linear --steps 1 --device cpu" "demo" \
    "run tp-linear --device mpi --tp 4" "compare tp-linear --a --steps=1 --b --steps=1"; do
    good=yes
    # shellcheck disable=SC2086  # a list of words
    env "$@" "$lab" $verb >out 2>err </dev/null
    code=$?
    [[ $code = 2 && $(wc -l <err) = 1 && ! -s out ]] && grep -qF -- "$words" err || good=""
    count "$* lab $verb (exit $code)" "$good"
  done
}

# the_same ARG...: what a verb prints, whatever stands in the environment
the_same() {
  local want good=yes
  want=$("$lab" "$@" 2>&1 </dev/null)
  [[ $(OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3 PMI_RANK=x "$lab" "$@" 2>err </dev/null) = "$want" ]] ||
    good=""
  [[ $want ]] || good=""
  count "lab $* with variables of a launcher" "$good"
}

left_over "unset PMI_RANK PMI_SIZE" PMI_RANK=1 PMI_SIZE=2
left_over "unset OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE" OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3
left_over "unset SLURM_PROCID SLURM_STEP_NUM_TASKS" SLURM_NTASKS=4 SLURM_PROCID=3 SLURM_STEP_ID=0 \
  SLURM_STEP_NUM_TASKS=4
left_over "unset PMI_RANK PMI_SIZE" PMI_RANK=one PMI_SIZE=99999999999999999999
"$lab" schedule 1f1b --stages 2 --microbatches 2 --format trace >t.json
the_same trace stats t.json
the_same schedule 1f1b --stages 2 --microbatches 2
the_same list
the_same help
the_same run tp-linear --help

# A viewer and a report that only say that they have begun, and then wait for a line that never comes. As
# long as they live they hold `life` open.
mkdir bin tmp
cp "$lab" bin/lab
ln -s "$(dirname "$lab")"/{libshardpipe.so,parts} bin/
for program in lab-view lab-report; do
  printf '#!/bin/sh\nexec 9>%s/life\necho begun >%s/begun\nexec cat <>%s/held\n' "$work" "$work" "$work" >bin/$program
  chmod +x bin/$program
done
mkfifo begun held life

# ends_with SIGNAL CODE ARG...: lab ends by it, and with it what it started
ends_with() {
  local signal=$1 want=$2 code good=yes lab_process reader
  shift 2
  timeout 30 cat life >/dev/null &
  reader=$!
  TMPDIR=$work/tmp bin/lab "$@" >out 2>err </dev/null &
  lab_process=$!
  timeout 30 head -n 1 begun >/dev/null
  kill -"$signal" $lab_process
  wait $lab_process 2>/dev/null
  code=$?
  wait $reader || good=""
  [[ $code = "$want" && ! $(ls tmp) ]] || good=""
  count "SIG$signal to lab $* (exit $code, left: $(ls tmp))" "$good"
}
for verb in "view t.json" "report t.json"; do
  # shellcheck disable=SC2086  # a list of words
  for signal in TERM:143 HUP:129 KILL:137; do ends_with ${signal%:*} ${signal#*:} $verb; done
done
pair=(compare tp-linear --a "--steps 1" --b "--steps 1")
ends_with TERM 143 "${pair[@]}" --view
ends_with HUP 129 "${pair[@]}" --view
ends_with TERM 143 "${pair[@]}" --screenshot p.png

# no_folder WORDS TMPDIR
no_folder() {
  local good=yes code
  TMPDIR=$2 bin/lab "${pair[@]}" --screenshot p.png >out 2>err </dev/null
  code=$?
  [[ $code = 2 && $(wc -l <err) = 1 ]] && grep -qF -- "$1" err || good=""
  count "TMPDIR=$2 (exit $code)" "$good"
}
no_folder "TMPDIR" "$work/none"
no_folder "TMPDIR" "$work/t.json"
no_folder "TMPDIR" /proc
echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
