#!/usr/bin/env bash
# Makes the pictures of docs/viewer.md and docs/wrong_programs.md anew. All are modelled.
# Usage: docs/images/make.sh [FOLDER WITH THE PROGRAMS, build] [FOLDER FOR THE PICTURES, docs/images]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
build=$(cd "${1:-$root/build}" && pwd -P)
images=$(cd "${2:-$root/docs/images}" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
lab=$build/lab

picture() { "$lab" view "${@:2}" --width 1200 --screenshot "$images/$1.png" 2>/dev/null; }

"$lab" run pp-schedules --device modelled --pp 4 --trace step.json >/dev/null
picture view_why step.json --from 46 --to 161 --select 0@69
picture view_ideal step.json --ideal --what-if --light
picture view_prediction step.json --hardware 8xA100 --prediction

for schedule in gpipe 1f1b zb_h1; do
  "$lab" schedule $schedule --stages 4 --microbatches 8 --costs 1,1,1,0.1 --format trace >$schedule.json
  picture view_$schedule $schedule.json --light
done
"$lab" schedule 1f1b --stages 64 --microbatches 128 --format trace >64.json
picture view_64_ranks 64.json --height 430

flags="--tp 4 --steps 1 --device modelled"
"$lab" compare tp-overlap --a "--technique naive $flags" --b "$flags" \
  --screenshot "$images/view_tp_overlap.png" >/dev/null 2>&1
flags="--pp 4 --microbatches 8 --steps 1 --device modelled"
"$lab" compare pp-schedules --a "--technique gpipe $flags" --b "--technique 1f1b $flags" \
  --screenshot "$images/view_pp_schedules.png" >/dev/null 2>&1

picture view_playground --playground --model 8B --tp 2 --stages 4 --microbatches 16
picture view_challenge --playground --challenge 5 --light

# The program of tests/faults ends with exit code 4 by design.
"$build/wrong_program" modelled shorter last.json 2>/dev/null || [[ $? = 4 ]]
picture view_last_picture last.json --select 0@0.19

# Fewer colours, a third of the bytes, where pngquant is installed.
if command -v pngquant >/dev/null; then
  pngquant --force --ext .png --quality 70-95 --skip-if-larger "$images"/view_*.png || [[ $? = 98 ]]
fi
