#!/usr/bin/env bash
# What the program writes, and what is there already: nothing of a person's is lost or half written, the
# result is printed first, and the exit code says what happened.
# Usage: files_written.sh PATH/TO/lab
set -u
lab=$1
profiles=$(cd "$(dirname "$0")/../../core/cost/profiles" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0
run="run tp-linear --steps 1 --device modelled"

check() {  # check WORDS COMMAND...: the command succeeds
  local words=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  %s\n' "$words" "$(cat err 2>/dev/null)"
  fi
}

# ends CODE WORDS ARG...: exit code; one line on stderr that contains WORDS, none if WORDS is empty
ends() {
  local want=$1 words=$2 code
  shift 2
  "$lab" "$@" >out 2>err </dev/null
  code=$?
  check "lab $*: exit $code, want $want and '$words'" test "$code" = "$want" -a "$(wc -l <err)" = "$([[ $words ]] && echo 1 || echo 0)"
  [[ ! $words ]] || check "lab $*: does not say '$words'" grep -qF -- "$words" err
}

is() { [[ $(cat "$1") == "$2" ]]; }
is_trace() { "$lab" trace stats "$1" >stats 2>&1; }
holds_only() { [[ $(find . -mindepth 1 ! -name out ! -name err ! -name stats -printf '%P\n' | sort | xargs) == "$1" ]]; }

# Links, modes, FIFOs, devices.
mkdir a && echo old >a/target && ln -s a/target link && chmod 600 a/target
# shellcheck disable=SC2086  # words
{
ends 0 "" $run --trace link
check "the link is one still" test -L link
check "its target is a trace" is_trace a/target
check "and has its mode" test "$(stat -c %a a/target)" = 600
mkfifo fifo
ends 2 "fifo: cannot be written: nobody reads from it" $run --trace fifo
exec 5<>fifo  # a reader, so that the run finds one
ends 0 "" $run --trace fifo
exec 6<fifo 5>&-
cat <&6 >through
exec 6<&-
check "a FIFO is written into" is_trace through
check "and stays one" test -p fifo
ends 0 "" $run --trace /dev/null
check "/dev/null is a device still" test -c /dev/null
"$lab" $run --trace /dev/stdout 2>err | cat >both
check "stdout that is a pipe takes the trace behind the result" grep -q traceEvents both
"$lab" $run --trace /dev/stdout >both 2>err
check "stdout that is a file would lose one of the two" test $? = 2
rm -rf a link fifo through both

# Somebody's files with names that the kit might have used.
echo mine >t.json.tmp && echo mine >.t.json.tmp && echo mine >.t.json.abcdef.part
ends 0 "" $run --trace t.json
for name in t.json.tmp .t.json.tmp .t.json.abcdef.part; do check "$name is as it was" is $name mine; done
check "nothing else is left" holds_only ".t.json.abcdef.part .t.json.tmp t.json t.json.tmp"
rm -f ./*.json ./*.tmp .t.json*

# Refused before anything runs: nothing is printed.
refused() {
  ends "$@"
  check "lab ${*:3}: nothing on stdout" test ! -s out
}
refused 2 "cannot be written: No such file or directory" $run --trace no/such/t.json
refused 2 "cannot be written: Is a directory" $run --trace .
refused 2 "are one file" run tp-train --steps 1 --trace x --save x
refused 2 "are one file" run tp-train --steps 1 --trace x --save ./x
echo words >text && ln text hard
refused 2 "it would be replaced" run tp-train --steps 1 --seq 4 --text text --save hard
check "the text is as it was" is text words
refused 2 "one would replace the other" compare tp-linear --a "--trace y" --b "--trace y"
cp "$profiles/8xH100.json" text.json
refused 2 "it would be replaced" bench collectives --device modelled --hardware text.json --svg text.json
refused 2 "has no numbers to save" run tp-train --device modelled --steps 1 --save w
"$lab" $run --trace t.json >out 2>err
if [[ -x $(dirname "$lab")/lab-report ]]; then
  refused 2 "it would be replaced" report t.json --out t.json
  refused 2 "it would be replaced" report --pair t.json t.json --out t.json
fi
if [[ -x $(dirname "$lab")/lab-view ]]; then
  refused 2 "it would be replaced" view t.json --save t.json
  modelled="--device modelled"
  refused 2 "cannot be written" compare tp-linear --a "$modelled" --b "$modelled" --screenshot no/such/c.png
  refused 2 "one would replace the other" compare tp-linear --a "$modelled --trace c.png" --b "$modelled" --screenshot c.png
  ln -s t.json t.png
  refused 2 "it would be replaced" view t.json --screenshot t.png
fi
check "the trace is as it was" is_trace t.json
rm -f text text.json hard t.png t.json

# The result first; then what cannot be saved is said. A comparison that fails has priority.
ends 2 "/dev/full: cannot be written: No space left on device" $run --trace /dev/full
check "the result was printed" grep -q "tp-linear" out
ends 2 "No space left" run tp-train --steps 1 --trace kept.json --save /dev/full
check "one file that cannot be saved costs no other" is_trace kept.json
ends 2 "No space left" bench collectives --ranks 4 --device modelled --svg /dev/full
check "the sweep was printed" grep -q ring out
echo old >big.json
(ulimit -f 4; exec "$lab" run tp-block --device modelled --trace big.json) >out 2>err
check "beyond ulimit -f: exit code 2" test $? = 2
check "beyond ulimit -f: a sentence" grep -q "big.json: cannot be written: File too large" err
check "beyond ulimit -f: the old file stays" is big.json old
check "beyond ulimit -f: nothing beside it" holds_only "big.json kept.json"
ends 0 "" run tp-train --steps 1 --save w && ends 0 "" run tp-train --steps 1 --load w --save w
}

echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
