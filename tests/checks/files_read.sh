#!/usr/bin/env bash
# The kit reads files through InputFile (core/base/input_file.h), which knows what else a name may stand for, and
# what may happen to a file. Whatever else opens one for reading says why on its line, or the one before:
# "// no InputFile: ...".
. "$(dirname "$0")/lib.sh"

files "$code" '^(core|labs|viz)/' | awk_check '
  FILENAME == "core/base/input_file.cc" { next }
  /\/\/ no InputFile: ./ { excused = FILENAME ":" FNR; next }
  excused == FILENAME ":" (FNR - 1) { next }
  /^[ \t]*(\/\/|#[ \t]*include)/ || /"\/dev\/null"/ { next }
  /ifstream|filebuf|O_RDONLY|parse_file *\(|gzd?open *\(|(^|[^a-z_])mmap(64)? *\(|read_from_file|(fopen|freopen) *\([^;]*"r/ {
    fail("opens a file for reading; InputFile does (core/base/input_file.h)")
  }'
