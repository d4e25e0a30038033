#!/usr/bin/env bash
# Makes two traces and has report_check.py read the report of them.
# Usage: report_page.sh PYTHON PATH/TO/lab PATH/TO/lab-report
set -eu
python=$1 lab=$2 report=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for schedule in gpipe 1f1b; do
  "$lab" run pp-schedules --technique $schedule --device modelled --pp 4 --steps 1 \
    --trace "$work/$schedule.json" >/dev/null
done
"$python" "$(dirname "$0")/report_check.py" "$report" "$work/gpipe.json" "$work/1f1b.json"
