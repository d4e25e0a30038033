#!/usr/bin/env bash
# No program defines a function that libshardpipe.so defines, too: the library's own callers would get
# the program's, without a word from the linker.
#   one_definition.sh LIBRARY PROGRAM...
set -euo pipefail
command -v nm >/dev/null || { echo "needs nm"; exit 77; }
functions() { nm -C --defined-only "$@" | awk '$2 == "T"' | cut -d' ' -f3- | grep -v '^_\(init\|fini\|start\)' | sort -u; }
library=$1 bad=0
shift
for program; do
  [[ -x $program ]] || continue
  twice=$(comm -12 <(functions "$program") <(functions -D "$library"))
  [[ ! $twice ]] || { echo "$program and $library both define: $twice"; bad=1; }
done
exit $bad
