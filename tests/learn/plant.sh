#!/usr/bin/env bash
# lab plant: a run with a bug is called different, and the build stays as it is; what cannot be planted is refused.
#   plant.sh BUILD_FOLDER
set -euo pipefail
lab=$1/lab
before=$(sha256sum <"$1/libshardpipe.so")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
wrong() { echo "$1"; exit 1; }

run="run tp-mlp --tp 2 --steps 1"
rc=0
"$lab" plant no_forward_all_reduce -- $run --json >"$work/out" 2>"$work/err" || rc=$?
[[ $rc = 1 ]] || wrong "a run with a bug ends with code $rc: $(cat "$work/err")"
grep -q '"passed": false' "$work/out" || wrong "the verdict does not see it: $(cat "$work/out")"
grep -q '^planted no_forward_all_reduce: ' "$work/err" || wrong "says: $(cat "$work/err")"
"$lab" $run >"$work/out" || wrong "the build has the bug now: $(cat "$work/out")"
[[ $(sha256sum <"$1/libshardpipe.so") == "$before" ]] || wrong "the build's own library has changed"

refused() {  # refused SENTENCE WORDS...: with code 2, in this sentence
  local sentence=$1 rc=0
  shift
  "$lab" "$@" >"$work/out" 2>&1 || rc=$?
  [[ $rc = 2 && $(cat "$work/out") == *"$sentence"* ]] || wrong "$*: code $rc: $(cat "$work/out")"
}
refused "no bug is called 'none'" plant none
refused "which bug?" plant -- run tp-mlp
refused "after -- comes what to run" plant no_forward_all_reduce --
refused "not in 'view'" plant no_forward_all_reduce -- view
refused "is a header" plant recomputed_not_dropped -- run tp-mlp
[[ -z $(ls -d "$work"/shardpipe-* 2>/dev/null) ]] || wrong "a folder stays in TMPDIR"
"$lab" plant no_forward_all_reduce | grep -q '^see it: ./lab plant no_forward_all_reduce -- run ' || wrong "names no run"
[[ $("$lab" plant | grep -c '^  [a-z0-9_]* ') = $(grep -lE '^verdict: [a-z]+-' "$(dirname "$0")"/../planted_bugs/bugs/*.patch | wc -l) ]] ||
  wrong "not all bugs that a run shows are listed"
