#!/usr/bin/env bash
# One system call of a program fails, each in its turn: those by which it reads and writes files, from its
# main on. Either it does not matter (exit code 0, and everything is as it should be), or it is said in one
# line and the exit code is 2, 5 or 6; files are as they were or whole and new, and nothing is left beside.
# Usage: injected.sh BUILD_FOLDER SEED COUNT     COUNT of all, by seed; 0: all of them
# Exit code 77 (skipped) where strace is missing or may not trace.
set -u
build=$(cd "$1" && pwd) here=$(cd "$(dirname "$0")" && pwd) seed=$2 count=$3
strace -o /dev/null true 2>/dev/null || { echo "no strace that may trace"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export OPENBLAS_NUM_THREADS=1

calls="openat,read,pread64,write,pwrite64,stat,fstat,newfstatat,statx,rename,renameat,renameat2,linkat,fsync,flock,close"
errors_of() {
  case $1 in
    openat) echo EMFILE EIO EINTR ;;
    write | pwrite64) echo ENOSPC EIO EINTR ;;
    read | pread64) echo EIO EINTR ;;
    rename* | linkat | fsync) echo EIO ENOSPC ;;
    *) echo EIO ;;
  esac
}

# Programs, the file that each writes ("-": none), and the files that they read.
"$build/lab" schedule 1f1b --stages 2 --microbatches 2 --format trace >cells.json
printf '0F0,0B0,0F1,0B1\n' >right.csv
"$build/lab" run tp-train --tp 1 --steps 1 --layers 1 --save weights >/dev/null 2>&1 || exit 1
programs=("t.json|lab run tp-linear --steps 1 --device modelled --trace t.json"
  "w|lab run tp-train --tp 1 --steps 1 --layers 1 --save w"
  "-|lab run tp-train --tp 1 --steps 1 --layers 1 --load weights"
  "-|lab trace stats cells.json"
  "-|lab schedule --check right.csv"
  "-|lab run tp-linear --steps 1 --device modelled --hardware laptop.json")
cp "$here/../../core/cost/profiles/8xH100.json" laptop.json
if [[ -x $build/lab-view ]]; then
  "$build/lab-view" cells.json --save cells.sptrace 2>/dev/null
  programs+=("x.sptrace|lab-view cells.json --save x.sptrace" "-|lab trace stats cells.sptrace"
    "x.png|lab-view cells.json --screenshot x.png")
fi
[[ -x $build/lab-report ]] && programs+=("r.html|lab-report cells.json --out r.html")

# Of a run on cpu, whose times are measured, the loss.
comparable() { if grep -q "measured here" "$1"; then grep '^loss' "$1"; else cat "$1"; fi; }

echo old >old
failed=0 tried=0
fails() {
  failed=$((failed + 1))
  printf 'FAILED: %s\n  %s; stderr: %s\n' "$1" "$2" "$(head -3 err)"
}

# What a program does when nothing fails, and the list of its calls from main on: "NAME NUMBER" each.
plan=()
for i in "${!programs[@]}"; do
  IFS='|' read -r file words <<<"${programs[i]}"
  read -ra words <<<"$words"
  strace -o log -e trace="$calls,fcntl" "$build/${words[0]}" "${words[@]:1}" >"out.$i" 2>err </dev/null ||
    { echo "FAILED: ${words[*]} does not run: $(cat err)"; exit 1; }
  [[ $file == - ]] || mv "$file" "new.$i"
  while read -r call number; do
    for error in $(errors_of "$call"); do plan+=("$i $call $number $error"); done
  done < <(awk -F'(' '/^fcntl\(0, F_GETFD/ { main = 1 } { ++n[$1] } main && !/^fcntl/ && /^[a-z]/ { print $1, n[$1] }' log |
    grep -v '^exit')
done
[[ $count = 0 ]] || mapfile -t plan < <(printf '%s\n' "${plan[@]}" |
  awk -v seed="$seed" 'BEGIN { srand(seed) } { print rand() "\t" $0 }' | sort -n | head -n "$count" | cut -f2)

for one in "${plan[@]}"; do
  read -r i call number error <<<"$one"
  IFS='|' read -r file words <<<"${programs[i]}"
  read -ra words <<<"$words"
  [[ $file == - ]] || cp old "$file"
  strace -o log -e inject="$call:error=$error:when=$number" \
    "$build/${words[0]}" "${words[@]:1}" >out 2>err </dev/null
  code=$? name="${words[*]}: $call number $number fails with $error"
  tried=$((tried + 1))
  case $code in
    0) cmp -s <(comparable out) <(comparable "out.$i") || fails "$name" "exit code 0, and another output"
      [[ $file == - ]] || cmp -s "$file" "new.$i" || fails "$name" "exit code 0, and $file is not whole" ;;
    2 | 5 | 6) [[ $(wc -l <err) = 1 && $(cat err) == "lab: "* ]] || fails "$name" "exit code $code and no single line" ;;
    *) fails "$name" "exit code $code" ;;
  esac
  [[ $file == - ]] || cmp -s "$file" old || cmp -s "$file" "new.$i" || fails "$name" "$file is neither old nor new"
  ! ls -A | grep -q 'lab-part$' || fails "$name" "left behind: $(ls -A | grep 'lab-part$')"
  rm -f .*.lab-part
done
echo "$tried calls that failed, seed $seed; $failed wrong"
[[ $failed = 0 ]]
