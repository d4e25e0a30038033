#!/usr/bin/env bash
# Everything that a first machine with a GPU should tell, in five minutes and one command (docs/gpu.md):
#   tests/gpu/run.sh [--from STAGE | --only STAGE] [--build FOLDER] [--stages FILE] [--dry-run] [--list]
# It needs CUDA, CMake, Ninja or make, and a C++20 compiler. The stages are those of stages.txt: each has
# a time of its own, and none stops the next. In the end a table says what came of each, and one archive
# holds all logs, traces and pictures: in $OUT, or in FOLDER (build-gpu) where that is not set.
# --dry-run: the same on a GPU made of host memory, small; it needs CUDA's headers and no GPU.
# GPU_LIMIT_S: seconds in all (300). GPU_CMAKE_FLAGS: more flags for CMake. Exit code: 0 no stage failed, 1 one
# did, 2 wrong usage.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/gpu/commands.sh
. "$here/commands.sh"
export root build dry=""
root=$(cd "$here/../.." && pwd -P)
build=$root/build-gpu
stages=$here/stages.txt from="" only="" list=""

usage() {
  echo "run.sh: $1 (see $here/run.sh)" >&2
  exit 2
}
while (($#)); do
  case $1 in
    --dry-run) dry=yes ;;
    --list) list=yes ;;
    --from | --only | --build | --stages)
      (($# > 1)) || usage "$1 needs a value"
      case $1 in
        --from) from=$2 ;;
        --only) only=$2 ;;
        --build) build=$(mkdir -p "$2" && cd "$2" && pwd -P) || usage "$2 cannot be made" ;;
        --stages) stages=$2 ;;
      esac
      shift
      ;;
    *) usage "$1 is no option" ;;
  esac
  shift
done
[[ -r $stages ]] || usage "$stages cannot be read"
for name in $from $only; do
  grep -q "^$name " "$stages" || usage "there is no stage $name"
done
# A dry run may be slow: it is not there to save time.
patience=1
[[ ! $dry ]] || patience=4
limit_s=${GPU_LIMIT_S:-$((300 * patience))}
[[ $limit_s =~ ^[1-9][0-9]*$ ]] || usage "GPU_LIMIT_S=$limit_s: seconds, 1 or more"
if [[ $list ]]; then
  grep -v '^#' "$stages"
  exit 0
fi

out=${OUT:-$build}/gpu_run
[[ $from$only ]] || rm -rf "$out"
rm -f "$out/table.txt"
mkdir -p "$out/logs" "$out/traces" || exit 1
export out
settle_mode

# Its result and what it says, by exit code: the log's last line, or the one that tells what is wrong.
conclude() {  # conclude NAME CODE BOX_S SECONDS
  local log=$out/logs/$1.log said result
  said=$(grep -v '^[[:space:]]*$' "$log" | tail -1)
  case $2 in
    0) result=ok ;;
    6 | 77) result=skipped ;;
    124) result=HANGS said="no end within $3 s; last it said: $said" ;;
    *)
      result=FAILED
      said=$(grep -m 1 -E 'FAILED|[Ee]rror|fatal|deadlock|no progress' "$log" || echo "$said")
      [[ $2 -le 128 ]] || result=CRASHED said="ended by signal $(($2 - 128)); last it said: $said"
      ;;
  esac
  note "$1" "$result" "$4" "$said"
}

note() {  # note NAME RESULT SECONDS WORDS
  outcome[$1]=$2
  printf '%-14s %-8s %4s s  %s\n' "$1" "$2" "$3" "${4:0:150}" | tee -a "$out/table.txt"
}

# Runs a stage's command for at most SECONDS and sets `code`: 124 if it did not end. Codes come through a pipe
# that is read with a time limit of its own: a process that the driver holds does not even die when it is
# killed. If it does after all, its code comes late, under its name.
run_stage() {  # run_stage NAME SECONDS COMMAND
  local who="" start=$SECONDS
  {
    stage=$1 timeout -k 3 "$2" bash -c "$3" >"$out/logs/$1.log" 2>&1 </dev/null
    echo "$1 $?" >&"$ended"
  } 2>/dev/null &
  while [[ $who != "$1" ]]; do
    read -r -t "$(($2 + 6))" -u "$ended" who code || who=$1 code=124
  done
  if ((code == 137 && SECONDS - start >= $2)); then code=124; fi  # it had to be killed
}

mkfifo "$out/.ended" && exec {ended}<>"$out/.ended" && rm "$out/.ended" || exit 1
declare -A outcome=()
began=$SECONDS
while read -r name seconds needs command; do
  [[ $name && $name != \#* ]] || continue
  if [[ $only && $name != "$only" ]] || [[ $from && $name != "$from" ]]; then
    outcome[$name]=ok  # as an earlier call left it
    continue
  fi
  from=""
  left=$((limit_s - (SECONDS - began)))
  if [[ $needs != - && ${outcome[$needs]-} != ok ]]; then
    result="not run"
    [[ ${outcome[$needs]-} != skipped ]] || result=skipped
    note "$name" "$result" 0 "it needs the stage $needs"
    continue
  elif ((left < 1)); then
    note "$name" "not run" 0 "the $limit_s s are over; the rest: --from $name"
    continue
  fi
  box=$((seconds * patience < left ? seconds * patience : left)) start=$SECONDS
  run_stage "$name" "$box" "$command"
  conclude "$name" "$code" "$box" $((SECONDS - start))
done <"$stages"

echo
cat "$out/table.txt"
tar -czf "$out.tar.gz" -C "$(dirname "$out")" gpu_run
echo "$((SECONDS - began)) s; logs, traces and pictures: $out.tar.gz"
! grep -qE '^[^ ]+ +(FAILED|HANGS|CRASHED|not run) ' "$out/table.txt"
