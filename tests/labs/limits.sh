#!/usr/bin/env bash
# What is too large is refused before any work, and what is not to be had later is said: never a bug of
# the kit (exit code 7), an abort, or a process that is killed.
# Usage: limits.sh PATH/TO/lab [--sanitized]
set -u
lab=$(realpath "$1") sanitized=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

# Seconds that a refusal may take: nothing is made before it, and a run that begins takes all memory.
most_s=20

note() {  # note WHAT: of a command that has left its exit code in $code
  failed=$((failed + 1))
  printf 'FAILED: %s\n  exit %s, stderr: %s\n' "$1" "$code" "$(head -c 500 err)"
}

# refuses WORDS ARG...: exit code 2 and one line that holds WORDS, and nothing on stdout
refuses() {
  local words=$1
  shift
  timeout "$most_s" "$lab" "$@" >out 2>err </dev/null
  code=$?
  if [[ $code = 2 && $(wc -l <err) = 1 && ! -s out ]] && grep -qF -- "$words" err; then
    passed=$((passed + 1))
  else
    note "lab $*"
  fi
}

# takes ARG...: exit code 0
takes() {
  timeout "$most_s" "$lab" "$@" >out 2>err </dev/null
  code=$?
  if [[ $code = 0 ]]; then passed=$((passed + 1)); else note "lab $*"; fi
}

# within LIMITS ARG...: under these ulimits it works, is refused (2), or says what was missing (5)
within() {
  local limits=$1
  shift
  timeout "$most_s" bash -c "ulimit $limits && exec \"\$@\"" - "$lab" "$@" >out 2>err </dev/null
  code=$?
  if [[ $code = 0 ]]; then
    passed=$((passed + 1))
  elif [[ $code = 2 || $code = 5 ]] && grep -q '^lab: ' err && ! grep -q "fault of the kit\|no progress" err; then
    passed=$((passed + 1))
  else
    note "ulimit $limits; lab $*"
  fi
}

huge=16777216
for lab_name in tp-train hybrid-train pp-microbatch pp-recompute pp-schedules pp-latency pp-memory hybrid-grid \
  pp-inference; do
  refuses "--layers" run "$lab_name" --layers $huge
  refuses "--layers" run "$lab_name" --layers $huge --device modelled
done
refuses "needs about" run tp-train --hidden 262144 --ffn 262144 --heads 64
refuses "needs about" run tp-train --vocab $huge --hidden 4096
refuses "needs about" run tp-train --batch 1048576
refuses "needs about" run tp-train --seq 30000 --batch 1024
refuses "needs about" run tp-mlp --hidden 131072 --ffn 131072
refuses "needs about" run tp-linear --batch 1048576
refuses "needs about" run tp-attention --seq 131072
refuses "needs about" run tp-block --batch 1048576
refuses "needs about" run hybrid-train --batch 1048576 --microbatches 4
refuses "needs about" run pp-inference --batch 1048576
refuses "needs about" run tp-train --steps 1000000 --layers 2000 --device modelled
refuses "needs about" run hybrid-train --microbatches 65536 --batch 65536 --device modelled --steps 100 \
  --layers 8 --hidden 128 --ffn 512 --heads 4 --vocab 256 --seq 64
# Products beyond 64 bits.
refuses "bytes; at most" run tp-train --layers $huge --hidden $huge --ffn $huge --heads 64
refuses "bytes; at most" run tp-mlp --seq $huge --batch $huge --hidden $huge --heads 8
refuses "bytes; at most" run pp-inference --seq $huge --batch $huge --device modelled
refuses "bytes; at most" run tp-block --seq $huge --batch $huge --device modelled
refuses "--microbatches" run hybrid-train --microbatches 1000000
refuses "--steps" run tp-mlp --steps 1000000000000
refuses "up to 268435456" run comm-algorithms --bytes 1e18

refuses "at most 4096" schedule 1f1b --stages 1000000 --microbatches 1000000
refuses "more than 4000000" schedule gpipe --stages 4096 --microbatches 2147483647
refuses "more than 4000000" schedule interleaved_1f1b --stages 4 --microbatches 8 --chunks 2147483647
refuses "more than 4000000" schedule looped_bfs --stages 4096 --microbatches 4096 --chunks 2147483647
refuses "at most" schedule 1f1b --stages 4 --microbatches 8 --costs 1e308,1e308,1e308,1e308
refuses "at least 0" schedule 1f1b --stages 4 --microbatches 8 --costs nan,1,1,0
refuses "--max-bytes" bench collectives --ranks 1000000 --max-bytes 1000000000000000000
refuses "--max-bytes" bench collectives --ranks 4 --max-bytes 1000000000000000000
refuses "up to 64 ranks" bench collectives --ranks 1000000

# One step beyond each bound, and the bound itself. comm-progress without mpirun says so once its flags are right.
takes run tp-linear --device modelled --tp 5 --hidden 96 --ffn 100  # it has no heads that could not divide
takes run tp-mlp --device modelled --hidden 64 --ffn 64
takes run comm-algorithms --device modelled --tp 4 --bytes 268435456
refuses "up to 268435456" run comm-algorithms --device modelled --tp 4 --bytes 268435457
refuses "a positive number" run comm-algorithms --device modelled --tp 4 --bytes 0
for ranks in 1 2 4; do
  takes run comm-algorithms --device modelled --tp 4 --technique hierarchical --ranks-per-node $ranks
done
for ranks in 3 5; do
  refuses "must divide --tp 4" run comm-algorithms --device modelled --tp 4 --technique hierarchical \
    --ranks-per-node $ranks
done
for bytes in 4 268435456; do refuses "shows what MPI does" run comm-progress --bytes $bytes; done
for bytes in 3 5 268435460; do refuses "a multiple of 4 up to 268435456" run comm-progress --bytes $bytes; done
refuses "at most 4096" run tp-overlap --device modelled --chunks 4097
for lab_name in tp-train hybrid-train pp-inference; do
  takes run $lab_name --device modelled --vocab 256
  refuses "bytes need at least 256" run $lab_name --vocab 255
done
takes run hybrid-train --device modelled --warmup 1000000 --decay-steps 1
refuses "at most 1e+06" run hybrid-train --warmup 1000001
refuses "0 or a positive number" run hybrid-train --warmup -1
refuses "at least 1" run hybrid-train --decay-steps 0
takes run tp-mlp --device modelled --steps 1
for steps in 0 1000001; do refuses "--steps" run tp-mlp --steps $steps; done
for count in 0 65537; do refuses "--microbatches" run hybrid-train --microbatches $count; done
for steps in 1 10001; do refuses "--steps" demo --steps $steps; done
takes schedule gpipe --stages 1 --microbatches 1
refuses "--chunks 0" schedule interleaved_1f1b --stages 4 --microbatches 8 --chunks 0

if [[ -z $sanitized ]]; then  # sanitizers want more address space than these limits leave
  for kib in 60000 120000 200000 300000 500000 800000 1500000; do
    within "-v $kib" run tp-mlp --tp 4 --steps 1
    within "-v $kib" run hybrid-train --steps 1
    within "-v $kib" run tp-train --device modelled
    within "-v $kib" schedule 1f1b --stages 512 --microbatches 512 --format json
  done
  # Stacks of 1 GiB: the third thread is one too many.
  within "-s 1048576 -v 4000000" run tp-mlp --tp 4 --steps 1
  within "-d 300000" run tp-train --steps 1 --tp 4
fi
# ulimit -u does not hold root back.
nobody=(setpriv --reuid 65534 --clear-groups)
if [[ $(id -u) = 0 ]] && "${nobody[@]}" "$lab" list >out 2>err; then
  for threads in 3 8; do
    OPENBLAS_NUM_THREADS=1 "${nobody[@]}" bash -c "ulimit -u $threads && exec \"\$@\"" - "$lab" run tp-mlp --tp 4 \
      >out 2>err </dev/null
    code=$?
    if [[ $code = 2 ]] && grep -q "threads, and .* more may be started (ulimit -u): fewer ranks" err; then
      passed=$((passed + 1))
    else
      note "ulimit -u $threads; lab run tp-mlp --tp 4"
    fi
  done
fi

echo "$passed passed, $failed failed"
[[ $failed = 0 ]]
