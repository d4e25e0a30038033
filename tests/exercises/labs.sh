#!/usr/bin/env bash
# Every lab that runs an exercise (exercise.toml: labs) runs its solution as --technique mine: on cpu, where
# the numbers are compared with one rank, and on the modelled device.
#   labs.sh BUILD [ID...]
set -uo pipefail
build=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
shift
[[ $# -gt 0 ]] || set -- $(cd "$root/solutions" && grep -lE '^labs = \["' */*/exercise.toml | xargs -n 1 dirname | xargs -n 1 basename)
said=$(mktemp)
trap 'rm -f "$said"' EXIT
failed=0 ran=0

# What a lab must be told so that the exercise is what it runs.
flags_of() {  # flags_of ID
  case $1 in
    day02_row_forward) echo --split row --input-is-parallel on ;;
  esac
}

cmake --build "$build" --target "${@/#/known_}" >"$said" 2>&1 || { tail -20 "$said"; exit 1; }
for id in "$@"; do
  for lab in $(sed -n 's/^labs = \[\(.*\)\]/\1/p' "$root"/solutions/*/"$id"/exercise.toml | tr -d '",'); do
    [[ $lab != schedule ]] || continue  # a verb, not a lab
    for device in cpu modelled; do
      SHARDPIPE_ANSWERS="$id=$build/grade/known_$id.so:shardpipe_known_solution" \
        "$build/lab" run "$lab" --technique "mine:$id" --device "$device" $(flags_of "$id") >"$said" 2>&1
      got=$?
      ran=$((ran + 1))
      if [[ $got == 0 ]] && { [[ $device != cpu ]] || grep -q '^check  *equal to' "$said"; }; then
        continue
      fi
      echo "$lab --technique mine:$id --device $device: exit $got"
      head -12 "$said" | cut -c1-200 | sed 's/^/    /'
      failed=1
    done
  done
done
[[ $ran -gt 0 ]] || { echo "nothing was run"; failed=1; }
exit $failed
