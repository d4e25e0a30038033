#!/usr/bin/env bash
# The kit beside PyTorch: gradients, losses, optimizer, tokens and files (docs/pytorch.md). No user and no
# test needs it. It makes an environment for Python in build/pytorch-venv the first time (some minutes, 5.6 GB
# with the build of PyTorch that the default index has), builds one program, draws COUNT configurations by
# SEED, and prints a table. Exit code 1 if a row of it failed.
#   tests/pytorch/run.sh [COUNT] [SEED]      100 and 1
#   tests/pytorch/run.sh --self-test [SEED]  plants errors, one at a time: each must make its row fail
# PYTORCH_PYTHON: a Python with what requirements.txt names, instead of the environment.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
here=$root/tests/pytorch venv=$root/build/pytorch-venv

mode=beside count=100
if [[ ${1-} == --self-test ]]; then
  mode=self_test
  shift
elif (($# > 0)); then
  count=$1
  shift
fi
seed=${1-1}
for number in "$count" "$seed"; do
  if [[ ! $number =~ ^[0-9]{1,9}$ ]] || ((10#$count == 0)) || (($# > 1)); then
    echo "usage: tests/pytorch/run.sh [COUNT] [SEED] or --self-test [SEED], whole numbers; COUNT at least 1" >&2
    exit 2
  fi
done

python=${PYTORCH_PYTHON-}
if [[ ! $python ]]; then
  python=$venv/bin/python
  if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    echo "PyTorch is installed in build/pytorch-venv: some minutes, 5.6 GB" >&2
    python3 -m venv "$venv"
    "$python" -m pip install --quiet -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/installed.txt"
  fi
fi

mkdir -p "$root/build"
cd "$root"
cmake --preset default >"$root/build/pytorch-build.log" 2>&1 &&
  cmake --build build --target pytorch_kit >>"$root/build/pytorch-build.log" 2>&1 || {
  tail -20 "$root/build/pytorch-build.log" >&2
  exit 2
}
export OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1
if [[ $mode == self_test ]]; then
  exec "$python" "$here/self_test.py" build/pytorch_kit build/pytorch "$seed"
fi
exec "$python" "$here/beside.py" build/pytorch_kit build/pytorch "$count" "$seed"
