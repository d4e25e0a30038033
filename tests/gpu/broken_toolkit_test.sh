#!/usr/bin/env bash
# broken_toolkit_test.sh SOURCE FOLDER: run.sh with an nvcc that compiles nothing, in the build of the dry
# run. The kit is built all the same, and the table says what nvcc said.
set -u
source=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf '#!/bin/sh\necho "nvcc fatal   : planted" >&2\nexit 1\n' >"$work/nvcc"
chmod +x "$work/nvcc"
rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"  # another compiler; the objects stay

failed=0
wrong() {
  echo "FAILED: $1"
  failed=1
}
says() {  # says STAGE RESULT WORDS
  grep -E "^$1 +$2 " "$folder/gpu_run/table.txt" | grep -qF -- "$3" || wrong "$1 should be: $2, $3"
}
env -u OUT CUDACXX="$work/nvcc" GPU_LIMIT_S=900 GPU_CMAKE_FLAGS="$GPU_CMAKE_FLAGS -DSHARDPIPE_THIRD_PARTY=$folder/third_party" \
  "$source/tests/gpu/run.sh" --build "$folder"
[[ $? == 1 ]] || wrong "exit code $?, not 1"
says configure ok ""
says build ok "built: gpu"
says kit ok ""
says backend FAILED "nvcc fatal   : planted"
says math "not run" "it needs the stage backend"
says pictures ok ""
"$folder/lab" run tp-linear --device cuda --hidden 64 --ffn 64 >/dev/null 2>"$work/said"
[[ $? == 6 ]] || wrong "lab does not end with exit code 6"
grep -q 'backend is not built: .*nvcc fatal   : planted' "$work/said" || wrong "lab tells: $(cat "$work/said")"
"$folder/lab" doctor | grep -q '^cuda .*nvcc fatal   : planted' || wrong "lab doctor does not tell why"

# Who asks for the backend is told at once.
if cmake -S "$source" -B "$work/on" -DSHARDPIPE_CUDA=ON -DSHARDPIPE_MPI=OFF -DSHARDPIPE_FETCH=OFF \
  "-DSHARDPIPE_THIRD_PARTY=$folder/third_party" -DCMAKE_CUDA_COMPILER="$work/nvcc" >"$work/said" 2>&1; then
  wrong "SHARDPIPE_CUDA=ON takes a toolkit that does not work"
fi
tr -s ' \n' ' ' <"$work/said" | grep -q 'SHARDPIPE_CUDA=ON, but .*nvcc fatal : planted' || wrong "ON does not tell why"
exit $failed
