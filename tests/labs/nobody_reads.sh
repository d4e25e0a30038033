#!/usr/bin/env bash
# Where nobody reads what is printed: the program ends by SIGPIPE and says nothing, as every program
# in a pipe does; where SIGPIPE is ignored, as some parents have it, or the disk is full, one sentence
# says that the answer is lost. The programs that lab starts do as it does, and only one of them speaks.
# Usage: nobody_reads.sh PATH/TO/lab
set -u
lab=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

expect() { # expect CODE LINES WORDS...: how it ended, and how many lines it said
  if [[ $code = "$1" && $(wc -l <err) = "$2" ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  exit %s (want %s), stderr: %s\n' "${*:3}" "$code" "$1" "$(<err)"
  fi
}

mkfifo pipe
exec 3<>pipe 4>pipe
exec 3<&-  # from here on nobody reads what is written to 4

"$lab" schedule 1f1b --stages 4 --microbatches 8 --format trace >t.json
build=$(dirname "$lab")
all=("" "help" "list" "doctor" "run tp-mlp --steps 1" "run tp-mlp --steps 1 --json" "run tp-mlp --help"
  "compare tp-mlp --a --tp=1 --b --tp=2" "trace stats t.json" "schedule 1f1b --stages 4 --microbatches 8"
  "schedule zb_h1 --stages 4 --microbatches 8 --format svg" "bench --help"
  "bench collectives --ranks 4 --device modelled")
[[ ! -x $build/lab-view ]] || all+=("view --help")
[[ ! -x $build/lab-report ]] || all+=("report --help")
[[ ! -x $build/lab-learn ]] || all+=("status" "start --help" "why AG-ADDS" "dev --help")
[[ -x $build/lab-learn ]] || all=("${all[@]:1}")
for words in "${all[@]}"; do
  # shellcheck disable=SC2086  # words
  "$lab" $words >&4 2>err </dev/null
  code=$?
  expect 141 0 "lab $words, and nobody reads it"
  # shellcheck disable=SC2086
  (trap '' PIPE; exec "$lab" $words >&4 2>err </dev/null)
  code=$?
  expect 2 1 "lab $words, SIGPIPE ignored"
  # shellcheck disable=SC2086
  "$lab" $words >/dev/full 2>err </dev/null
  code=$?
  expect 2 1 "lab $words >/dev/full"
  # shellcheck disable=SC2086
  "$lab" $words >&- 2>err </dev/null
  code=$?
  expect 2 1 "lab $words, stdout closed"
done

if [[ -x $build/lab-view ]]; then
  "$lab" compare tp-mlp --a "--device modelled" --b "--device modelled" --screenshot no/such.png >out 2>err </dev/null
  code=$?
  expect 2 1 "a picture that the viewer cannot write"
fi

echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
