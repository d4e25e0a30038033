#!/usr/bin/env bash
# Files that can be read in one sitting: 300 lines, 100 columns. Generated data does not belong here.
. "$(dirname "$0")/lib.sh"

status=0
files '^(core|labs|viz)/' "$code|$cmake" | awk_check '
  FNR == 301 { fail("more than 300 lines; split the file by idea") }' || status=1
files "$code" | awk_check '
  {
    line = $0
    gsub(/[\200-\277]/, "", line)  # what is left of a UTF-8 character is one byte
    if (length(line) > 100) fail(length(line) " columns; at most 100 are allowed")
  }' || status=1
exit $status
