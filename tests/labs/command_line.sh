#!/usr/bin/env bash
# The program as a person meets it: what it answers to wrong words, and that it leaves nothing behind.
# Usage: command_line.sh PATH/TO/lab
set -u
lab=$1
source=$(cd "$(dirname "$0")/../.." && pwd)
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

# loses ARG...: where stdout is full, or closed, the answer is lost: exit code 2 and a sentence
loses() {
  local code
  for stdout in '>/dev/full' '>&-'; do
    bash -c "\"\$@\" $stdout" - "$lab" "$@" 2>err </dev/null
    code=$?
    if [[ $code = 2 ]] && grep -qF "stdout could not be written" err; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      printf 'FAILED: lab %s %s\n  exit %s (want 2), stderr: %s\n' "$*" "$stdout" "$code" "$(cat err)"
    fi
  done
}

refuses 2 "verbs: demo" frobnicate
refuses 2 "labs: comm-algorithms, tp-linear" run tp-nothing
refuses 2 "--colour" run tp-mlp --colour red
refuses 2 "naive,paired" run tp-mlp --technique fastest
refuses 2 "cpu,mpi,cuda,modelled" run tp-mlp --device tpu
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
refuses 2 "must be a whole number" run tp-train --warmup 1.5
refuses 2 "0 or a positive number" run hybrid-train --weight-decay -1
refuses 2 "full,lean" run tp-train --optimizer-recipe thin
refuses 2 "f32,bf16" run hybrid-train --dtype f16
refuses 2 "cannot be written" run tp-linear --trace no/such/folder/t.json
refuses 2 "9xH900" run tp-mlp --link 9xH900
refuses 2 "has 8 ranks" run tp-mlp --tp 16 --heads 16 --link 8xlaptop
refuses 2 "its links are those of --hardware" run tp-mlp --device modelled --link 8xlaptop
refuses 2 "--live needs --trace" run tp-mlp --live
refuses 2 "--live is for --device cpu" run tp-mlp --live --trace t.json --device modelled
refuses 2 "order" run tp-mlp --order tp-pp
refuses 2 "stats, explain, what-if" trace frob
if [[ -x $(dirname "$lab")/lab-view ]]; then
  "$lab" schedule 1f1b --stages 4 --microbatches 8 --format trace >cells.json
  answers "--screenshot" view --help
  refuses 2 "name a trace file" view
  refuses 2 "one trace file" view cells.json --follow --against cells.json
  refuses 2 "leave out --screenshot" view cells.json --follow --screenshot out.png
  refuses 2 "takes no file" view cells.json --playground
  refuses 2 "zb_v" view --playground --schedule zb_v --microbatches 2 --screenshot out.png
  refuses 2 "missing.json" view missing.json --screenshot out.png
  refuses 2 ".png or .svg" view cells.json --screenshot out.jpg
  refuses 2 "cannot be written" view cells.json --screenshot no/such/out.png
  refuses 2 "RANK@MS" view cells.json --screenshot out.png --select 9@1
  refuses 2 "--to 1 must be after --from 2" view cells.json --screenshot out.png --from 2 --to 1
  printf '{"traceEvents": [' >cut.json
  refuses 2 "cut.json: not JSON at byte 17" view cut.json --screenshot out.png
  [[ ! -e out.png ]] || { failed=$((failed + 1)); echo "FAILED: a refused picture was written"; }
  makes() {  # makes FILE ARG...: exit code 0 and a picture
    local file=$1
    shift
    if env -u DISPLAY "$lab" "$@" --screenshot "$file" >out 2>err </dev/null && [[ -s $file ]]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
      printf 'FAILED: lab %s makes no %s\n%s\n' "$*" "$file" "$(cat err)"
    fi
    rm -f "$file"
  }
  makes cells.png view cells.json --select 0@10 --light
  makes playground.png view --playground --schedule zb_h1 --stages 8 --microbatches 16
  makes cells.svg view cells.json --against cells.json --critical-path
  makes pair.png compare tp-mlp --a "--technique naive --device modelled" --b "--device modelled"
  rm -f cells.json cut.json
fi
refuses 2 "missing.json" trace stats missing.json
printf '{"traceEvents": [' >broken.json
refuses 2 "broken.json" trace stats broken.json
printf 'not a safetensors file, but long enough to have a header' >broken.safetensors
refuses 2 "broken.safetensors" run tp-train --load broken.safetensors
printf '{"name": "x"' >hardware.json
refuses 2 "hardware.json" run tp-mlp --device modelled --hardware ./hardware.json
printf 'short' >short.txt
refuses 2 "needs at least" run tp-train --text short.txt
mkdir -p root/core/cost root/data  # labs need nothing else of the checkout, no page of docs/
cp -r "$source/core/cost/profiles" root/core/cost
SHARDPIPE_DATA_DIR=$PWD/root refuses 2 "root/data/the_long_table.txt: cannot be read" run tp-train
cp "$source/data/the_long_table.txt" root/data
SHARDPIPE_DATA_DIR=$PWD/root answers '"loss"' run tp-train --steps 1 --json
rm -rf root
refuses 2 "8 stages" run hybrid-train --pp 8 --layers 4
refuses 2 "must be a multiple of --microbatches" run hybrid-train --batch 6
refuses 2 "dualpipe: --stages 3 must be even" run pp-schedules --technique dualpipe --pp 3
refuses 2 "must be a positive number" run hybrid-train --clip none
refuses 2 "blocking,one-lane,prefetch" run pp-latency --p2p fast
refuses 2 "--pp" run tp-mlp --pp 2
answers '"link": "8xlaptop"' run tp-mlp --steps 1 --link 8xlaptop --json
refuses 6 "cuda" run tp-mlp --device cuda
refuses 2 "mpirun -n 4 ./build/lab run tp-mlp --device mpi --tp 4" run tp-mlp --device mpi --tp 4

refuses 2 "NAME or --check" schedule
refuses 2 "schedules: naive, gpipe" schedule 2f2b --stages 4 --microbatches 8
refuses 2 "--stages and --microbatches are needed" schedule 1f1b --stages 4
refuses 2 "--stages 0 must be at least 1" schedule 1f1b --stages 0 --microbatches 8
refuses 2 "--microbatches -8" schedule 1f1b --stages 4 --microbatches -8
refuses 2 "--stages" schedule 1f1b --stages four --microbatches 8
refuses 2 "--stages" schedule 1f1b --stages 99999999999 --microbatches 8
refuses 2 "more than 4000000" schedule gpipe --stages 2000 --microbatches 3000
refuses 2 "at most 4096" schedule gpipe --stages 2000000000 --microbatches 2000000000
refuses 2 "more than 4000000" schedule looped_bfs --stages 4 --microbatches 8 --chunks 2000000000
refuses 2 "--microbatch-group 3 must be at least 4" schedule interleaved_1f1b --stages 4 --microbatches 5 --microbatch-group 3
refuses 2 "--microbatch-group 0 must be at least 1" schedule interleaved_1f1b --stages 4 --microbatches 5 --microbatch-group 0
refuses 2 "--microbatch-group 4 is for interleaved_1f1b" schedule 1f1b --stages 4 --microbatches 5 --microbatch-group 4
refuses 2 "must be at least 6 (stages + 2)" schedule v_half --stages 4 --microbatches 5
refuses 2 "has 3 stages, and this schedule has 4" schedule 1f1b --stages 4 --microbatches 8 --stage-costs 1,1,1
refuses 2 "has 4 stages, and this schedule has 8" schedule zb_v --stages 4 --microbatches 8 --stage-costs 1,1,1,1
refuses 2 "--stage-costs 1/2" schedule 1f1b --stages 2 --microbatches 2 --stage-costs 1,1/2
refuses 2 "--stage-costs 0" schedule 1f1b --stages 2 --microbatches 2 --stage-costs 1,0
refuses 2 "--stage-costs nan" schedule 1f1b --stages 2 --microbatches 2 --stage-costs nan,1
refuses 2 "--stage-costs 1/-1/1" schedule 1f1b --stages 2 --microbatches 2 --stage-costs 1/-1/1,1
refuses 2 "--chunks 2 must be 1" schedule gpipe --stages 4 --microbatches 8 --chunks 2
refuses 2 "--chunks 0" schedule zb_v --stages 4 --microbatches 8 --chunks 0
refuses 2 "four numbers" schedule 1f1b --stages 4 --microbatches 8 --costs 1,2
refuses 2 "four numbers" schedule 1f1b --stages 4 --microbatches 8 --costs 1,1,1,0,1
refuses 2 "four numbers" schedule 1f1b --stages 4 --microbatches 8 --costs 1,1,,0
refuses 2 "at least 0" schedule 1f1b --stages 4 --microbatches 8 --costs 1,-1,1,0
refuses 2 "at least 0" schedule 1f1b --stages 4 --microbatches 8 --costs 1,1,1,nan
refuses 2 "at least 0" schedule 1f1b --stages 4 --microbatches 8 --costs inf,1,1,0
refuses 2 "must be above 0" schedule 1f1b --stages 4 --microbatches 8 --costs 0,1,1,0
refuses 2 "svg" schedule 1f1b --stages 4 --microbatches 8 --format pdf
refuses 2 "missing.csv" schedule --check missing.csv
refuses 2 ".: is a folder, not a CSV file" schedule --check .
printf '0F0,0B0\n1F0,oops\n' >broken.csv
refuses 2 "broken.csv:2: 'oops'" schedule --check broken.csv
refuses 2 "from the file" schedule --check broken.csv --stages 2
refuses 2 "NAME or --check" schedule 1f1b --check broken.csv
printf '0F0,0B0\n1F0,1F0,1B0\n' >twice.csv
refuses 1 "rank 1 has 1F0 twice" schedule --check twice.csv
printf ',0F0,0B0\n1F0,1B0\n' >right.csv

refuses 2 "subjects: collectives" bench
refuses 2 "subjects: collectives" bench speed
refuses 2 "all_reduce,all_gather,reduce_scatter" bench collectives --kind broadcast
refuses 2 "cpu,modelled" bench collectives --device cuda
refuses 2 "at least 2" bench collectives --ranks 1
refuses 2 "up to 64 ranks" bench collectives --ranks 65
refuses 2 "do not fit 8xH100" bench collectives --ranks 9 --device modelled
refuses 2 "9xH900" bench collectives --device modelled --hardware 9xH900
refuses 2 "4096..1073741824" bench collectives --max-bytes 1000
refuses 2 "at least 16 times" bench collectives --ranks 257 --max-bytes 4096
refuses 2 "one_shot holds" bench collectives --ranks 16 --max-bytes 1073741824
refuses 2 "cannot be written" bench collectives --svg no/such/folder/c.svg
refuses 2 "--colour" bench collectives --colour red

answers "loss " run tp-train --text "$(dirname "$0")/../../docs" --steps 2 --layers 1 --hidden 32 --heads 2 --ffn 64 --seq 16 --batch 1
answers "next: "
answers "exit codes" help
answers "tp-block" list
answers "cores" doctor
answers "Toggles" run tp-mlp --help
answers '"lab": "tp-linear"' run tp-linear --steps 1 --json
answers "Examples" schedule --help
answers "efficiency 72.7 %" schedule gpipe --stages 4 --microbatches 8
answers "rank 3 sends gradient 0 to rank 2: each waits for the other" schedule 1f1b --stages 4 --microbatches 8
answers '"makespan":65.0' schedule 1f1b --stages 4 --microbatches 8 --chunks 1 --costs 1,1,1,2 --format json
answers '"makespan":28.5' schedule interleaved_1f1b --stages 4 --microbatches 8 --format json
answers '"makespan":26.5' schedule v_half --stages 4 --microbatches 8 --format json
answers '"makespan":31.5' schedule interleaved_1f1b --stages 4 --microbatches 9 --format json
answers '"makespan":45.0' schedule 1f1b --stages 4 --microbatches 8 --stage-costs 1,1,1,1.5 --format json
answers "0F0,0F1,0F2,0F3,0I0,0W0" schedule zb_h1 --stages 4 --microbatches 8 --format csv
answers "<svg " schedule dualpipe --stages 4 --microbatches 8 --format svg
answers "SUBJECT" bench --help
answers "Examples" bench collectives --help
answers "measured here" bench collectives --ranks 2 --max-bytes 4096
answers "modelled on 8xH100" bench collectives --ranks 8 --device modelled --svg c.svg
grep -q "<polyline" c.svg || { failed=$((failed + 1)); echo "FAILED: bench --svg draws no curve"; }
answers '"name": "hierarchical"' bench collectives --ranks 16 --device modelled --hardware 2x8xH100 --json
answers '"name": "bruck"' bench collectives --kind reduce_scatter --ranks 3 --device modelled --json
answers "makespan 6" schedule --check right.csv
"$lab" schedule dualpipe --stages 4 --microbatches 8 --format trace >s.json
answers "26.00 ms" trace stats s.json
"$lab" run tp-block --device modelled --trace t.json >/dev/null 2>&1
answers "critical path" trace stats t.json
answers '"critical_path"' trace stats t.json --json
answers ". Why:" trace explain t.json
answers '"chain"' trace explain t.json --json
answers "all_reduce of tp" trace what-if t.json
answers '"if_free"' trace what-if t.json --json
refuses 2 "name at least one trace" trace what-if
refuses 2 "name at least one trace" report
refuses 2 "missing.json" report missing.json
refuses 2 "cannot be written" report t.json --out no/such/folder/r.html
"$lab" run tp-train --steps 2 --tp 4 --save w.safetensors >/dev/null 2>&1
answers "loss" run tp-train --steps 2 --tp 2 --load w.safetensors
# The program without ./lab, where parts are not built yet: it says what to type, before it works.
build=$(dirname "$lab")
mkdir bare && cp "$build/lab" "$build/libshardpipe.so" "$build/parts" bare/
lab=$PWD/bare/lab
refuses 6 "the report is not built yet: ./lab build report" report t.json
refuses 6 "the report is not built yet: ./lab build report" demo
answers "cores" doctor
if grep -q " viewer" bare/parts; then
  refuses 6 "the viewer is not built yet: ./lab build viewer" view t.json
  refuses 6 "not built yet" compare tp-mlp --a "--tp 2" --b "--tp 4" --screenshot c.png
fi
for part in cuda mpi; do
  if grep -q " $part" bare/parts; then answers "$part backend is not built yet: ./lab build $part" doctor; fi
done
for words in list "run tp-mlp --steps 1 --json" "schedule 1f1b --stages 4 --microbatches 8" "trace stats t.json"; do
  # shellcheck disable=SC2086  # words
  loses $words
done
refuses 2 "NaN is no finite number" run tp-mlp --time-limit NaN
refuses 2 "inf is no finite number" run tp-mlp --time-limit inf
left=$(find . -name '*.lab-part' | wc -l)
[[ $left = 0 ]] || { failed=$((failed + 1)); echo "FAILED: $left temporary files left behind"; }

echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
