#!/usr/bin/env bash
# Every test that docs/robustness.md names is there, and, with the log of a run, has passed in it. Those that
# were skipped there, for want of what they need, are named.
# Usage: robustness.sh BUILD_FOLDER [LOG_OF_CTEST]
set -u
build=$1 log=${2-}
page=$(cd "$(dirname "$0")/.." && pwd)/docs/robustness.md
names=$(grep '^|' "$page" | grep -o '`[a-z0-9_]*`' | tr -d '`' | sort -u)
there=$(ctest --test-dir "$build" -N | sed -n 's/^ *Test *#[0-9]*: //p')
failed=0
[[ $names ]] || { echo "$page names no test"; failed=1; }
for name in $names; do
  grep -qx "$name" <<<"$there" || { echo "$page names $name, and there is no such test"; failed=1; continue; }
  [[ $log ]] || continue
  if grep -Eq "Test +#[0-9]+: $name \.+\*\*\*Skipped" "$log"; then
    echo "skipped: $name"
  elif ! grep -Eq "Test +#[0-9]+: $name \.+ +Passed" "$log"; then
    echo "$page names $name, which has not run, or failed"
    failed=1
  fi
done
echo "$(wc -w <<<"$names") tests named"
[[ $failed = 0 ]]
