#!/usr/bin/env bash
# No conditional compilation for a backend (CMake decides what is built, a missing backend says so),
# no macros with arguments, no code that is switched off, no test that is expected to fail.
. "$(dirname "$0")/lib.sh"

status=0
files '^(core|labs|viz|exercises|solutions|tests)/' "$code" | awk_check '
  # A directive goes on in the next line after a backslash.
  { inside = inside || /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef)([^a-z_]|$)/ }
  inside && /(^|[^A-Z])(CUDA|NV|NCCL|O?MPI|MPICH|GPU|CU?BLAS|OPENBLAS|BLAS|MKL|HIP|ROCM|MODELLED)/ {
    fail("conditional compilation for a backend; put the code into core/backends/ and let CMake choose")
  }
  inside && /__has_include/ && FILENAME !~ /^tests\/support\// {
    fail("__has_include; only tests/support/ may (two versions of Catch2)")
  }
  /^[ \t]*#[ \t]*if[ \t]+(0|false)([^0-9a-z_]|$)/ { fail("code that is switched off; delete it") }
  /^[ \t]*#[ \t]*define[ \t]+[A-Za-z_0-9]+\(/ && FILENAME !~ /^tests\// {
    fail("macro with arguments; write a function (places: __builtin_FILE() default arguments)")
  }
  !/\\$/ { inside = 0 }' || status=1
files "$cmake" | awk_check '
  /WILL_FAIL/ { fail("WILL_FAIL takes any failure for the right one; test for the exit code and text") }
  ' || status=1
exit $status
