#!/usr/bin/env bash
# may_fail_test.sh SOURCE CXX: a plugin that does not compile, and then does not link, beside a program of
# the same build (cmake/MayFail.cmake). The program is built; a line says why the plugin is not.
set -u
source=$1 cxx=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
wrong() {
  echo "FAILED: $1"
  failed=1
}
cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.22)
project(planted LANGUAGES CXX)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY \${CMAKE_BINARY_DIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY \${CMAKE_BINARY_DIR})
include($source/cmake/MayFail.cmake)
add_library(plugin SHARED one.cc two.cc)
target_link_options(plugin PRIVATE -Wl,--no-undefined)
shardpipe_may_fail(plugin \${CMAKE_BINARY_DIR}/libplugin.so)
add_executable(program program.cc)
add_dependencies(program plugin)
END
echo 'int main() {}' >program.cc
echo 'int one() { return 1; }' >one.cc
touch two.cc

# step GENERATOR WHAT TWO LINE: with TWO as two.cc the program is built, and the plugin too (LINE is "") or
# not, and then libplugin.so.failed is one line that holds LINE.
step() {
  local generator=$1 what=$2 line=$4 before=$failed
  echo "$3" >two.cc
  rm -f build/program build/libplugin.so.failed
  cmake --build build >said 2>&1 || wrong "the build stops"
  [[ -x build/program ]] || wrong "the program is not built"
  if [[ $line ]]; then
    [[ ! -e build/libplugin.so ]] || wrong "a plugin of an earlier build is left"
    [[ $(wc -l <build/libplugin.so.failed) == 1 ]] || wrong "not one line"
    grep -qF -- "$line" build/libplugin.so.failed || wrong "it does not say: $line"
    cmake --build build >said 2>&1 || wrong "the next build stops"
    [[ ! -e build/libplugin.so ]] || wrong "the next build makes a plugin out of nothing"
  else
    [[ -e build/libplugin.so && ! -e build/libplugin.so.failed ]] || wrong "the plugin is not built"
  fi
  [[ $failed == "$before" ]] || { echo "  with $generator: $what"; cat build/libplugin.so.failed said; }
}
for generator in Ninja "Unix Makefiles"; do
  rm -rf build
  cmake -G "$generator" -S . -B build "-DCMAKE_CXX_COMPILER=$cxx" >said 2>&1 || {
    echo "$generator is not here: $(grep -m 1 -A 1 Error said)"
    continue
  }
  step "$generator" "whole" 'int two() { return 2; }' ""
  step "$generator" "an error of the compiler" 'int two() { return planted; }' planted
  step "$generator" "mended" 'int two() { return 22; }' ""
  step "$generator" "an error of the linker" 'int planted(); int two() { return planted(); }' planted
  step "$generator" "mended again" 'int two() { return 222; }' ""
done
exit $failed
