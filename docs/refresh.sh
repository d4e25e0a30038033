#!/usr/bin/env bash
# Makes anew what the pages take from the code: tables and drawings between marks, figures of sentences that
# docs/claims quotes, stubs and the tables of docs/course.md, and the pictures. Build first: ./lab build
# Usage: docs/refresh.sh [FOLDER WITH THE PROGRAMS, build]
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
for program in labs schedule collectives inference plan faults; do
  echo "tables of test_$program"
  # Whatever else it finds is for ctest to say.
  LAB_UPDATE_TABLES=1 "$build/test_$program" '*docs/*,*tables in READMEs*' >/dev/null || [[ $? = 1 ]]
done
"$build/lab" dev gen
"$build/lab" dev claims --update
docs/images/make.sh "$build"
