#!/usr/bin/env bash
# A run that is saved goes on by the program; what is not of the run is refused; and whenever a save is
# killed, or a write of it fails, there is the old file or the new one, whole.
# Usage: saves.sh PATH/TO/lab
# shellcheck disable=SC2086  # flags are several words
set -u
lab=$1
. "$(dirname "$0")/lib.sh"
export OPENBLAS_NUM_THREADS=1

# runs FILE ARG...: exit code 0; what is printed goes into FILE
runs() {
  local into=$1
  shift
  timeout 60 "$lab" run "$@" >"$into" 2>err
  code=$?
  holds "lab run $* (exit code 0)" test $code = 0
}

# refuses WORDS ARG...: before anything is printed, exit code 2 and one line that has WORDS
refuses() {
  local words=$1
  shift
  timeout 60 "$lab" run "$@" >out 2>err
  code=$?
  holds "lab run $* (exit code 2)" test $code = 2
  holds "lab run $* says '$words'" grep -qF -- "$words" err
  holds "lab run $*: one line on stderr, none on stdout" test "$(wc -l <err)$(wc -c <out)" = 10
}

losses() { sed -n '/"loss": \[/,/\]/p' "$@" | grep -oE '[0-9]+\.[0-9e-]+'; }

small="--layers 1 --hidden 32 --heads 4 --ffn 64 --seq 16 --batch 4"
for train in "tp-train --tp 2 $small" "hybrid-train --tp 2 --pp 2 --layers 2 --hidden 32 --heads 4 --ffn 64 --seq 16 --batch 4"; do
  runs whole.json $train --steps 6 --json --save whole
  runs first.json $train --steps 4 --json --save half
  runs second.json $train --steps 2 --json --load half --save half
  holds "$train: 6 steps are 4 and 2 more" cmp -s <(losses whole.json) <(losses first.json second.json)
  holds "$train: losses were compared" test "$(losses whole.json | wc -l)" = 6
  holds "$train: the file, too" cmp -s whole half
done

train="tp-train --tp 2 --hidden 32 --ffn 64 --batch 4 --steps 1"
shape="--layers 1 --heads 4 --seq 16"
runs out $train $shape --save w
refuses "w: is of another run: heads 4, here 8; kv-heads 4, here 8 (--weights-only" \
  $train --layers 1 --seq 16 --heads 8 --load w
refuses "layers 1, here 2" $train --layers 2 --seq 16 --heads 4 --load w
refuses "seq 16, here 8" $train --layers 1 --seq 8 --heads 4 --load w
refuses "tied on, here off" $train $shape --tied off --load w
refuses "family gpt2, here llama" $train $shape --family llama --load w
refuses "seed 1, here 2" $train $shape --seed 2 --load w
head -c 300 /dev/zero | tr '\0' x >text
refuses "text fnv1a64:" $train $shape --text text --load w
refuses "layers 1, here 2" hybrid-train --pp 2 --layers 2 --hidden 32 --heads 4 --ffn 64 --seq 16 --load w
refuses "has no numbers to load" $train --device modelled --load w
refuses "--weights-only needs --load" $train --weights-only
holds "compare takes files, too" "$lab" compare tp-train --a "--tp 2 --hidden 32 --ffn 64 --batch 4 --steps 1 $shape --load w" --b "--steps 1" >/dev/null
printf '\002\0\0\0\0\0\0\0{}' >empty
refuses "empty: does not say which run it is of (--weights-only" $train --load empty
refuses "empty: has no tensor embedding.weight" $train --load empty --weights-only
runs out $train --layers 1 --seq 16 --heads 8 --load w --weights-only
holds "it says what it left out" grep -q "^note: weights alone of w; left out: adamw.m.blocks.0" out
{ head -c -4 w && printf '\0\0\300\177'; } >nan
refuses "nan: tensor positions.weight: its number 511 is nan" $train $shape --load nan
{ cat w && printf x; } >longer
refuses "longer: 1 bytes behind the last tensor belong to none" $train $shape --load longer
head -c -1 w >shorter
refuses "its bytes end 1 behind the file" $train $shape --load shorter

# What cannot be written costs the file, not the result: noticed at the end, or on the way there.
for hidden in 32 128; do
  timeout 60 "$lab" run tp-train --steps 1 --layers 1 --hidden $hidden --save /dev/full >out 2>err
  holds "--save /dev/full, $hidden features (exit code 2)" test $? = 2
  holds "--save /dev/full, $hidden features: a sentence" grep -q "^lab: /dev/full: cannot be written: No space" err
  holds "--save /dev/full, $hidden features: the result" grep -q "^loss" out
done

if ! strace -qq -o traced -e inject=getppid:error=EIO true 2>/dev/null; then
  echo "no strace here: saves are not killed; $passed passed, $failed failed"
  [[ $failed = 0 ]]
  exit
fi
mkdir killed && cd killed || exit 1
save="$lab run tp-train --tp 1 --layers 1 --hidden 96 --heads 4 --ffn 384 --seq 16 --batch 1 --steps 1 --save w"
calls=write,fsync,linkat,rename,renameat,renameat2,exit_group
echo old >../old
strace -f -o ../log -e trace=$calls $save >../out 2>../err || { echo "FAILED: $save: $(cat ../err)"; exit 1; }
cp w ../new
# Of each call how often one thread makes it: strace counts by threads.
plan=$(awk '$2 ~ /^[a-z0-9_]+\(/ { split($2, c, "("); ++n[c[1] " " $1] }
  END { for (i in n) { split(i, k, " "); if (n[i] > most[k[1]]) most[k[1]] = n[i] }
        for (call in most) for (j = 1; j <= most[call]; ++j) print call, j }' ../log | sort)
holds "there are several writes, and what gives the file its name" \
  test "$(grep -c '^write' <<<"$plan")" -ge 4 -a "$(grep -cE '^(fsync|linkat|rename)' <<<"$plan")" -ge 2
is_old_or_new() { cmp -s w ../old || cmp -s w ../new; }
news=0 olds=0
while read -r call number; do
  cp ../old w
  { strace -f -qq -o ../log -e trace=$calls -e inject=$call:signal=KILL:when=$number $save >../out 2>../err; } 2>/dev/null
  holds "killed at $call $number (exit code 137)" test $? = 137
  holds "killed at $call $number: the old file or the new one" is_old_or_new
  if cmp -s w ../old; then olds=$((olds + 1)); else news=$((news + 1)); fi
  [[ $call = write ]] || continue
  cp ../old w
  strace -f -qq -o ../log -e trace=$calls -e inject=$call:error=ENOSPC:when=$number $save >../out 2>../err
  holds "no room at write $number (exit code 2)" test $? = 2
  holds "no room at write $number: the old file or the new one" is_old_or_new
  if grep -q "^lab: w: cannot be written: No space" ../err; then
    holds "no room at write $number: the old file" cmp -s w ../old
    full=yes
  fi
done <<<"$plan"
holds "saves were killed before the file had its name, and after" test $olds -gt 3 -a $news -gt 0
holds "some writes of the file had no room" test "${full-}" = yes
echo old >w
$save >../out 2>../err
holds "the next save is whole" cmp -s w ../new
holds "nothing is left beside it" test "$(ls -A)" = w
echo "$passed passed, $failed failed ($olds saves left the old file, $news the new one)"
[[ $failed = 0 ]]
