#!/usr/bin/env bash
# Makes the pictures of the pages anew. All are modelled, so they come out the same on every machine
# that has the same Dear ImGui and font (made_with.txt; tests/viz/pictures.sh compares).
# Usage: docs/images/make.sh [FOLDER WITH THE PROGRAMS, build] [FOLDER FOR THE PICTURES, docs/images]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
build=$(cd "${1:-$root/build}" && pwd -P)
images=$(cd "${2:-$root/docs/images}" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
lab=$build/lab

picture() { "$lab" view "${@:2}" --screenshot "$images/$1.png" 2>/dev/null; }

# The pages of labs are read at about 900 pixels: these need no shrinking there.
day() { picture "day$1" "${@:2}" --width 960 --light; }

run() { "$lab" run "${@:2}" --steps 1 --device modelled --trace "$1.json" >/dev/null; }

schedule() { "$lab" schedule "${@:2}" --format trace >"$1.json"; }

# The labs' READMEs, two a sitting. A trace's name is the title above it.

run naive comm-algorithms --technique naive --tp 4 --bytes 16777216
run ring comm-algorithms --technique ring --tp 4 --bytes 16777216
day 01_1 naive.json --against ring.json
run ring comm-algorithms --technique ring --tp 4 --bytes 65536
run recursive_doubling comm-algorithms --technique recursive_doubling --tp 4 --bytes 65536
day 01_2 ring.json --against recursive_doubling.json

run column tp-linear --split column --tp 4
run row tp-linear --split row --tp 4
day 02_1 column.json --against row.json
run naive tp-mlp --technique naive --tp 4
run paired tp-mlp --tp 4
day 02_2 naive.json --against paired.json

run naive tp-block --technique naive --tp 4
run paired tp-block --tp 4
day 03_1 naive.json --against paired.json
run naive tp-train --technique naive --layers 1 --tp 4
run paired tp-train --layers 1 --tp 4
day 03_2 naive.json --against paired.json

run naive tp-overlap --technique naive --tp 2
run overlapped tp-overlap --chunks 4 --tp 2
day 04_1 naive.json --against overlapped.json
run sequence tp-sequence-parallel --tp 4
run ring tp-collective-matmul --tp 4
day 04_2 sequence.json --against ring.json
run two_pieces tp-overlap --chunks 2 --tp 4
run 32_pieces tp-overlap --chunks 32 --tp 4
day 04_3 two_pieces.json --against 32_pieces.json
run plain tp-overlap --technique naive --tp 4
run sequence tp-sequence-parallel --tp 4
day 04_4 plain.json --against sequence.json
run fused tp-fusion --technique fused --seq 8 --forward-only on --tp 4
run one-shot tp-fusion --technique one-shot --seq 8 --forward-only on --tp 4
day 04_5 fused.json --against one-shot.json
run block tp-parallel-block --technique naive --tp 4
run parallel_block tp-parallel-block --tp 4
day 04_6 block.json --against parallel_block.json

run naive pp-microbatch --technique naive --pp 4
run gpipe pp-microbatch --technique gpipe --pp 4
day 05_1 naive.json --against gpipe.json
run 22_layers pp-microbatch --layers 22 --pp 4
run 23_layers pp-microbatch --layers 23 --pp 4
day 05_2 22_layers.json --against 23_layers.json

run 1f1b pp-schedules --technique 1f1b --pp 4
run zb_h1 pp-schedules --technique zb_h1 --pp 4
day 06_1 1f1b.json --against zb_h1.json
schedule 1f1b 1f1b --stages 4 --microbatches 8 --costs 1,1,1,0.5
schedule eager_1f1b eager_1f1b --stages 4 --microbatches 8 --costs 1,1,1,0.5
day 06_2 1f1b.json --against eager_1f1b.json

run tp-dp-pp hybrid-grid --order tp-dp-pp --tp 4 --pp 2 --dp 2 --hardware 2x8xH100
run tp-pp-dp hybrid-grid --order tp-pp-dp --tp 4 --pp 2 --dp 2 --hardware 2x8xH100
day 07_1 tp-dp-pp.json --against tp-pp-dp.json --height 640
run plain hybrid-train --gradient-sync plain --tp 1 --pp 2 --dp 2
run overlapped hybrid-train --gradient-sync overlapped --tp 1 --pp 2 --dp 2
day 07_2 plain.json --against overlapped.json

run cached pp-inference --technique cached --pp 4
run ring pp-inference --technique ring --pp 4
day 08_1 cached.json --against ring.json
day 08_2 ring.json --from 690 --to 742

# docs/viewer.md and docs/wrong_programs.md

"$lab" run pp-schedules --device modelled --pp 4 --trace step.json >/dev/null
picture view_why step.json --width 1200 --from 46 --to 161 --select 0@69
"$lab" run pp-schedules --device modelled --pp 4 --layers 23 --trace uneven.json >/dev/null
picture view_ideal uneven.json --width 1200 --ideal --what-if --light
picture view_prediction step.json --width 1200 --hardware 8xA100 --prediction

for name in gpipe 1f1b zb_h1; do
  schedule $name $name --stages 4 --microbatches 8 --costs 1,1,1,0.1
  picture view_$name $name.json --width 1200 --light
done
schedule 64 1f1b --stages 64 --microbatches 128
picture view_64_ranks 64.json --width 1200 --height 430

flags="--tp 4 --steps 1 --device modelled"
"$lab" compare tp-overlap --a "--technique naive $flags" --b "$flags" \
  --screenshot "$images/view_tp_overlap.png" >/dev/null 2>&1
flags="--pp 4 --microbatches 8 --steps 1 --device modelled"
"$lab" compare pp-schedules --a "--technique gpipe $flags" --b "--technique 1f1b $flags" \
  --screenshot "$images/view_pp_schedules.png" >/dev/null 2>&1

picture view_playground --width 1200 --playground --model 8B --tp 2 --stages 4 --microbatches 16
picture view_challenge --width 1200 --playground --challenge 5 --light

# The program of tests/faults ends with exit code 4 by design.
"$build/wrong_program" modelled shorter last.json 2>/dev/null || [[ $? = 4 ]]
picture view_last_picture last.json --width 1200 --select 0@0.19

# Last: whoever is stopped half-way leaves what the old pictures were made with.
"$build/same_pictures" --made-with >"$images/made_with.txt"
