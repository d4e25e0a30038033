#!/usr/bin/env bash
# may_fail.sh FILE COMMAND...: runs one of the compiler and linker commands that make FILE, which the kit
# can do without. If it fails, FILE is taken away, FILE.failed says why in one line, FILE.log has all it
# said, and the build goes on: FILE's other commands do nothing as long as FILE.failed is there. A
# configuration removes it, and so does `./lab build`.
set -u
file=$1
shift
[[ ! -e $file.failed ]] || exit 0
log=$file.log.$$
trap 'rm -f "$log"' EXIT
"$@" >"$log" 2>&1
code=$?
cat "$log"
[[ $code != 0 ]] || exit 0
((code < 128)) || exit "$code"  # interrupted, not refused
rm -f "$file"
mv "$log" "$file.log"
line=$(grep -m 1 -iE 'undefined|error|fatal' "$file.log" || tail -1 "$file.log")
printf 'it does not compile with this toolkit: %s (all of it: %s)\n' "$line" "$file.log" \
  >"$file.failed"
