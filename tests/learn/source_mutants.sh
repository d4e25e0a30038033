#!/usr/bin/env bash
# lab dev mutate on a file of the core: one mutant is built, and a test sees it; the build stays as it was.
#   source_mutants.sh BUILD_FOLDER
set -euo pipefail
build=$1
before=$(sha256sum <"$build/libshardpipe.so")
out=$("$build/lab-learn" dev mutate core/comm/process_grid.cc --sample 1 --seed 1) || { echo "$out"; exit 1; }
grep -qE '^core/comm/process_grid.cc l[0-9]+_[a-z0-9_]+ +test_comm$' <<<"$out" || { echo "not seen: $out"; exit 1; }
grep -q '^1 mutants: 1 seen by a test, 0 survived; 0 more did not compile$' <<<"$out" || { echo "$out"; exit 1; }
[[ $(sha256sum <"$build/libshardpipe.so") == "$before" ]] || { echo "the build's own library has changed"; exit 1; }
if out=$("$build/lab-learn" dev mutate core/none 2>&1); then echo "core/none is taken: $out"; exit 1; fi
[[ $out == *"core/none: no file of libshardpipe.so is there"* ]] || { echo "says: $out"; exit 1; }
