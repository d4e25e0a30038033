#!/usr/bin/env bash
# Every lab with processes as ranks: equal to one rank, said once, traces written once.
# Usage: labs.sh PATH/TO/lab MPIRUN...
set -u
lab=$1
shift
mpirun=("$@")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0 passed=0
shape="--layers 4 --hidden 48 --ffn 96 --heads 12 --seq 16"

count() {  # count NAME GOOD
  if [[ $2 ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $1"; cat err; fi
}

# runs N LAB FLAG...: exit 0, one JSON document, compared with one rank
runs() {
  local n=$1 good=yes
  shift
  timeout 120 "${mpirun[@]}" -n "$n" "$lab" run "$@" --steps 1 --json >out 2>err || good=""
  [[ $(grep -c '"lab":' out) = 1 && $(grep -c '"bitwise"' out) = 1 ]] || good=""
  grep -qF '"device": "mpi"' out || good=""
  count "lab run $*" "$good"
}

# refuses WORDS N ARG...: exit code 2 and WORDS in the only line that lab prints
refuses() {
  local words=$1 n=$2 good=yes code
  shift 2
  timeout 60 "${mpirun[@]}" -n "$n" "$lab" "$@" >out 2>err
  code=$?
  [[ $code = 2 && $(grep -c '^lab: ' err) = 1 ]] || good=""
  grep -qF -- "$words" err || good=""
  count "lab $* (exit $code)" "$good"
}

# shellcheck disable=SC2086  # shapes are lists of words
{
  runs 2 tp-linear --tp 2 --trace t.json
  for name in tp-mlp tp-attention tp-block tp-train; do runs 2 $name --tp 2 $shape --batch 2; done
  for name in pp-microbatch pp-recompute pp-schedules pp-latency pp-memory; do
    runs 2 $name --pp 2 $shape --batch 8
  done
  runs 4 hybrid-grid --tp 2 --pp 2 --dp 1 $shape --batch 8
  runs 4 hybrid-train --tp 2 --pp 2 $shape --batch 8
  runs 2 pp-inference --pp 2 $shape --batch 8 --tokens 4
  for name in tp-overlap tp-fusion tp-sequence-parallel tp-collective-matmul tp-parallel-block; do
    runs 2 $name --tp 2 $shape --batch 2
  done
  for style in overlapped sequence-parallel sequence-overlapped collective-matmul; do
    runs 2 tp-train --tp 2 $shape --batch 2 --style $style
  done
  runs 2 comm-algorithms --tp 2
  for way in blocking idle tests thread; do
    runs 2 comm-progress --technique $way --tp 2 --bytes 65536
    count "$way: its all_reduce is counted" "$(grep -A3 '"kind": "all_reduce"' out | grep '"bytes_per_rank": 65536')"
  done
  timeout 60 "${mpirun[@]}" -n 2 "$lab" compare comm-progress --a "--technique idle --tp 2 --bytes 65536 --steps 1" \
    --b "--technique thread --tp 2 --bytes 65536 --steps 1" >out 2>err
  count "a comparison has the table of each run" "$(grep '^b: all_reduce of 64.0 KiB' out)"
}
# A checkpoint of processes is that of threads, byte for byte, written by the first of them; and it is refused once.
train="run hybrid-train --tp 2 --pp 2 --layers 2 --hidden 32 --heads 4 --ffn 64 --seq 16 --batch 4"
# shellcheck disable=SC2086  # flags are several words
{
  timeout 60 "${mpirun[@]}" -n 4 "$lab" $train --steps 1 --save half >out 2>err
  timeout 60 "${mpirun[@]}" -n 4 "$lab" $train --steps 1 --load half --save mpi >out 2>err
  "$lab" $train --steps 2 --save cpu >out 2>err
  count "a run that processes save and go on with" "$(cmp -s mpi cpu && echo yes)"
  refuses "seed 1, here 2" 4 $train --steps 1 --load half --seed 2
  { head -c -4 half && printf '\0\0\300\177'; } >nan
  refuses "nan: tensor positions.weight: its number 511 is nan" 4 $train --steps 1 --load nan
}
"$lab" trace stats t.json >out 2>err
count "trace of processes" "$(grep -o '2 ranks' out)"
timeout 60 "${mpirun[@]}" -n 2 "$lab" compare tp-mlp --a "--technique naive --tp 2" --b "--tp 2" >out 2>err
count "lab compare" "$(grep -c '^together: the step' out | grep -x 1)"
timeout 60 "${mpirun[@]}" -n 2 "$lab" list >out 2>err  # lines of two processes may mix
count "lab list, by each process" "$([[ $(wc -c <out) = $((2 * $("$lab" list | wc -c))) ]] && echo yes)"
refuses "mpirun -n 4 ./build/lab run tp-mlp --tp 4" 2 run tp-mlp --tp 4
refuses "leave out mpirun" 2 run tp-mlp --device modelled
refuses "lab demo" 2 demo
refuses "labs: comm-algorithms, tp-linear" 2 run tp-nothing
echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
