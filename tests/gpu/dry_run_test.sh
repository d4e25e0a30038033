#!/usr/bin/env bash
# dry_run_test.sh SOURCE FOLDER: the whole of run.sh on a GPU made of host memory, in a build of its own.
# Every stage must end well, and what a person would look at must be there.
set -u
source=$1 folder=$2
failed=0
wrong() {
  echo "FAILED: $1"
  failed=1
}
env -u OUT CTEST_OUTPUT_ON_FAILURE=1 "$source/tests/gpu/run.sh" --dry-run --build "$folder" || wrong "exit code $?"

# The table: a line a stage, all ok.
stages=$(grep -v '^#' "$source/tests/gpu/stages.txt" | awk '{ print $1, "ok" }')
said=$(awk '{ print $1, $2 }' "$folder/gpu_run/table.txt")
[[ $said == "$stages" ]] || wrong "the table should say: $stages"

# The build had no library of this machine but CUDA's headers.
cache=$folder/CMakeCache.txt
for name in nlohmann_json RapidJSON CLI11 tomlplusplus; do
  grep -q "^${name}_HEADERS:PATH=$folder/third_party$" "$cache" || wrong "$name is not that of third_party/"
done
! ninja -C "$folder" -t deps | grep -E "^ +/usr/(local/)?include/(nlohmann|rapidjson|CLI|toml\+\+|catch2|openblas|mpi|imgui)" ||
  wrong "a header of an installed library was read"
grep -qE '^(OPENBLAS_LIBRARY:FILEPATH=OFF|OPENBLAS_LIBRARY:UNINITIALIZED=OFF)' "$cache" || wrong "OpenBLAS is there"
! grep -qE '^(MPI_CXX_|IMGUI_ARCHIVE)' "$cache" || wrong "MPI or ImGui was looked for"
"$folder/lab" doctor | grep -q '^blas *OpenBLAS' && wrong "lab has OpenBLAS"
[[ ! -e $folder/lab-view ]] || wrong "the viewer was built"
! ldd "$folder/host_gpu/test_cuda_on_gpu" "$folder/lab" | grep -iE 'catch|mpi|blas|imgui|libcu' ||
  wrong "a program needs a library that a bare machine lacks"

# The archive: a log of every stage, a trace of every lab, the pictures.
archive=$(tar -tzf "$folder/gpu_run.tar.gz")
while read -r stage _; do
  grep -qx "gpu_run/logs/$stage.log" <<<"$archive" || wrong "no log of $stage"
done <<<"$stages"
labs=$(awk '$4 == "lab" { print $1 }' "$source/tests/gpu/stages.txt")
[[ $(wc -l <<<"$labs") -ge 10 ]] || wrong "fewer labs than there were"
for stage in $labs; do
  grep -qx "gpu_run/traces/$stage.json" <<<"$archive" || wrong "no trace of $stage"
  grep -q '^check  *equal to one rank' "$folder/gpu_run/logs/$stage.log" || wrong "$stage is not compared"
done
grep -q '<svg' "$folder/gpu_run/report.html" || wrong "no pictures"

# The probe and the tests met what they are for.
for words in 'split in 4: 4 ranks share GPU 0, 32 multiprocessors each' 'on a green stream: works'; do
  grep -q "$words" "$folder/gpu_run/logs/probe.log" || wrong "the probe does not say: $words"
done
for stage in math communication run wrong; do
  grep -qE '^[1-9][0-9]* cases, 0 failed$' "$folder/gpu_run/logs/$stage.log" || wrong "$stage ran no cases"
done
exit $failed
