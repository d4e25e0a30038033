#!/usr/bin/env bash
# Every planted bug (tests/planted_bugs) still fits the code it breaks.
. "$(dirname "$0")/lib.sh"

bad=0
while IFS= read -r bug; do
  if ! why=$(git apply --check "$bug" 2>&1); then
    printf '%s:1: does not apply any more (%s); plant it anew in the code as it is\n' "$bug" "${why%%$'\n'*}"
    bad=1
  fi
done < <(files '^tests/planted_bugs/bugs/.*\.patch$')
exit $bad
