#!/usr/bin/env bash
# The program as a person meets it: what it answers to wrong words, and that it leaves nothing behind.
# Usage: command_line.sh PATH/TO/lab
set -u
lab=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

# refuses CODE WORDS ARG...: exit code, one line on stderr that contains WORDS, nothing on stdout
refuses() {
  local want=$1 words=$2 code
  shift 2
  "$lab" "$@" >out 2>err </dev/null
  code=$?
  if [[ $code = "$want" && $(wc -l <err) = 1 && ! -s out ]] && grep -qF -- "$words" err; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: lab %s\n  exit %s (want %s), stderr: %s\n' "$*" "$code" "$want" "$(cat err)"
  fi
}

# answers WORDS ARG...: exit code 0 and WORDS on stdout
answers() {
  local words=$1
  shift
  if "$lab" "$@" >out 2>err </dev/null && grep -qF -- "$words" out; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: lab %s does not say "%s"\n%s\n' "$*" "$words" "$(cat err)"
  fi
}

refuses 2 "verbs: demo" frobnicate
refuses 2 "labs: tp-linear" run tp-nothing
refuses 2 "--colour" run tp-mlp --colour red
refuses 2 "naive,paired" run tp-mlp --technique fastest
refuses 2 "cpu,cuda,modelled" run tp-mlp --device tpu
refuses 2 "col-row" run tp-mlp --pairing diagonal
refuses 2 "must be at most 16777216" run tp-mlp --hidden 4000000000
refuses 2 "--tp" run tp-mlp --tp two
refuses 2 "up to 64 ranks" run tp-mlp --tp 3000000
refuses 2 "at least 1" run tp-mlp --tp 0
refuses 2 "has 8 ranks" run tp-mlp --device modelled --tp 16
refuses 2 "8xH100" run tp-mlp --device modelled --hardware 9xH900
refuses 2 "--heads 6" run tp-attention --heads 6 --hidden 384 --tp 4
refuses 2 "--heads 2" run tp-attention --heads 2 --tp 4
refuses 2 "one must divide the other" run tp-attention --heads 12 --kv-heads 3 --hidden 384 --tp 2
refuses 2 "--hidden" run tp-block --hidden 100 --heads 8
refuses 2 "missing.txt" run tp-train --text missing.txt
refuses 2 "missing.safetensors" run tp-train --load missing.safetensors
refuses 2 "must be a positive number" run tp-train --learning-rate fast
refuses 2 "cannot be written" run tp-linear --trace no/such/folder/t.json
refuses 2 "order" run tp-mlp --order tp-pp
refuses 2 "trace stats" trace frob
refuses 2 "missing.json" trace stats missing.json
printf '{"traceEvents": [' >broken.json
refuses 2 "broken.json" trace stats broken.json
printf 'not a safetensors file, but long enough to have a header' >broken.safetensors
refuses 2 "broken.safetensors" run tp-train --load broken.safetensors
printf '{"name": "x"' >hardware.json
refuses 2 "hardware.json" run tp-mlp --device modelled --hardware ./hardware.json
printf 'short' >short.txt
refuses 2 "needs at least" run tp-train --text short.txt
refuses 6 "cuda" run tp-mlp --device cuda

answers "next: ./lab demo"
answers "exit codes" help
answers "tp-block" list
answers "cores" doctor
answers "Toggles" run tp-mlp --help
answers '"lab": "tp-linear"' run tp-linear --steps 1 --json
"$lab" run tp-block --device modelled --trace t.json >/dev/null 2>&1
answers "critical path" trace stats t.json
answers '"critical_path"' trace stats t.json --json
"$lab" run tp-train --steps 2 --tp 4 --save w.safetensors >/dev/null 2>&1
answers "loss" run tp-train --steps 2 --tp 2 --load w.safetensors
left=$(find . -name '*.tmp' | wc -l)
[[ $left = 0 ]] || { failed=$((failed + 1)); echo "FAILED: $left temporary files left behind"; }

echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
