#!/usr/bin/env bash
# Makes traces, measured and modelled, and has overlap_check.py count what overlaps in them.
# Usage: overlap_check.sh PYTHON PATH/TO/lab
set -eu
python=$1 lab=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trace() {  # trace NAME LAB ARG...
  local name=$1
  shift
  "$lab" run "$@" --steps 1 --trace "$work/$name.json" >/dev/null
}
trace measured tp-overlap --tp 2
trace naive tp-overlap --technique naive --tp 2
trace matmul tp-collective-matmul --device modelled --tp 8
trace hybrid hybrid-train --device modelled --tp 2 --pp 2 --dp 2
"$python" "$(dirname "$0")/overlap_check.py" "$lab" "$work"/*.json
