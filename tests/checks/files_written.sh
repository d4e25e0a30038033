#!/usr/bin/env bash
# The kit writes files through OutputFile (core/base/output_file.h), so that all of them are whole or
# untouched. Whatever else opens one for writing says why on its line, or the one before: "// no OutputFile: ...".
. "$(dirname "$0")/lib.sh"

files "$code" '^(core|labs|viz)/' | awk_check '
  FILENAME ~ /^core\/base\/(output|unfinished)_file\.cc$/ { next }
  /\/\/ no OutputFile: ./ { excused = FILENAME ":" FNR; next }
  excused == FILENAME ":" (FNR - 1) { next }
  /^[ \t]*(\/\/|#[ \t]*include)/ || /"\/dev\/null"/ { next }
  /ofstream|[^i]fstream|O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE|mkstemp|write_to_file|copy_file|(fopen|freopen) *\([^;]*"[rwa][^"]*[wa+]|(fopen|freopen) *\([^;]*"[wa]/ {
    fail("opens a file for writing; OutputFile does (core/base/output_file.h)")
  }'
