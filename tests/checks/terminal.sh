#!/usr/bin/env bash
# What the kit says goes through core/base/terminal.h, which keeps it printable; a file's name in a
# command that it prints is quoted. (Programs that `lab bench` starts talk to it, not to people.)
. "$(dirname "$0")/lib.sh"

files '^(core|labs|viz)/' "$code" | grep -vE '/(terminal|collective_times|gloo_collective_times)\.cc$' | awk_check '
  /std::cerr/ { fail("std::cerr; say() and its like (core/base/terminal.h) print what is printable") }
  /(^|[^a-z_])v?(printf|puts|putchar|perror) *\(/ ||
  /(^|[^a-z_])(fprintf|fputs|fputc|fwrite|putc|fputs)\(.*(stdout|stderr)/ {
    fail("prints past core/base/terminal.h; say(), print() and std::cout keep it printable")
  }
  /[.]\/lab view "/ && !/[.]\/lab view ",? *(<<|\+)? *shell_(file|word)\(/ {
    fail("a command with the name of a file in it; shell_file() quotes it (core/base/shell_word.h)")
  }'
