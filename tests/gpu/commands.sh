# What the stages of run.sh call. Functions and variables are exported: each stage is a bash of its own.
# Uses root, build, dry, out; a stage has its name in $stage.
# shellcheck shell=bash disable=SC2154

# What differs in a dry run: what is built, where it lies, and how large it is.
settle_mode() {
  export programs=$build probe=gpu_probe targets=gpu bench=""
  export block="--hidden 512 --ffn 2048 --heads 8 --seq 256 --batch 2 --steps 3"
  export model="--layers 4 --hidden 256 --ffn 1024 --heads 8 --vocab 256 --seq 128 --batch 8"
  [[ $dry ]] || return 0
  programs=$build/host_gpu probe=gpu_probe_on_host targets=host_gpu bench=--small
  block="--hidden 32 --ffn 64 --heads 4 --seq 8 --batch 2 --steps 2"
  model="--layers 4 --hidden 16 --ffn 32 --heads 4 --vocab 256 --seq 32 --batch 8"
}

# Nothing is looked for on the network, and a library that happens to be installed makes no difference.
configure() {
  local generator=() flags=(-DSHARDPIPE_FETCH=OFF -DSHARDPIPE_MPI=OFF -DOPENBLAS_LIBRARY=OFF) package
  # shellcheck disable=SC2206  # flags are split on purpose
  flags+=(${GPU_CMAKE_FLAGS-})
  for package in nlohmann_json RapidJSON CLI11 tomlplusplus Catch2 PkgConfig PNG ZLIB glfw3 OpenGL imgui Gloo; do
    flags+=("-DCMAKE_DISABLE_FIND_PACKAGE_$package=ON")
  done
  flags+=(-DCatch2_HEADERS=OFF)
  if [[ $dry ]]; then
    "$root/tests/gpu/third_party.sh" "$build/third_party" || return 1
    flags+=("-DSHARDPIPE_THIRD_PARTY=$build/third_party" -DSHARDPIPE_CUDA=OFF)
  else
    flags+=(-DSHARDPIPE_CUDA=AUTO "-DCMAKE_CUDA_ARCHITECTURES=$(architecture)")
  fi
  if [[ ! -f $build/CMakeCache.txt ]] && command -v ninja >/dev/null; then generator=(-G Ninja); fi
  cmake -S "$root" -B "$build" ${generator[@]+"${generator[@]}"} "${flags[@]}"
}

# Of the first GPU: machine code for it alone is quick to make. Several kinds of GPU: set GPU_ARCHITECTURE.
architecture() {
  local told
  told=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null | head -1 | tr -d '. ')
  if [[ ! $told =~ ^[0-9]+$ ]]; then told=90; fi
  echo "${GPU_ARCHITECTURE:-$told-real}"
}

build() {
  cmake --build "$build" --parallel "$(nproc)" --target "$@" && echo "built: $*"
}

# A lab and its trace. What it says in the end is how it compares with one rank.
run_lab() {
  local compared
  "$programs/lab" run "$@" --trace "$out/traces/$stage.json" || return
  compared=$(sed -n 's/^check *//p' "$out/logs/$stage.log")
  [[ $compared ]] || { echo "FAILED: nothing was compared"; return 1; }
  echo "$compared"
}
lab() { run_lab "$@" --device cuda --time-limit 10; }

# The kit itself, without the backend.
kit() { "$programs/lab" doctor && run_lab tp-mlp --tp 2; }

# Is there a backend, and a GPU for it?
backend() {
  local line
  line=$("$programs/lab" doctor | sed -n 's/^cuda *//p')
  case $line in
    *multiprocessors*) echo "$line" ;;
    *"no GPU here"*) echo "skipped: $line"; return 77 ;;
    *) echo "FAILED: $line"; return 1 ;;
  esac
}

machine() {
  nvidia-smi || echo "no nvidia-smi"
  nvcc --version || /usr/local/cuda/bin/nvcc --version || echo "no nvcc on PATH"
  c++ --version | head -1
  ninja --version || echo "no ninja"
  nproc
  cmake --version | head -1
  nvidia-smi --query-gpu=name,driver_version,compute_cap,memory.total --format=csv,noheader 2>/dev/null ||
    echo "no GPU that nvidia-smi knows"
}

pictures() {
  local traces=("$out"/traces/*.json)
  [[ -e ${traces[0]} ]] || { echo "no traces to draw"; return 77; }
  "$programs/lab" report "${traces[@]}" --out "$out/report.html" --title "cuda: the labs of tests/gpu/run.sh"
}

export -f configure architecture build run_lab lab kit backend machine pictures
