#!/usr/bin/env python3
"""Compares v_half and v_min of `lab schedule` with the code of their authors, action by action.

    tests/schedule/authors/compare.py LAB [SOURCE]

LAB is the program (build/lab). SOURCE is a folder that holds the authors' zbv_greedy.py and graph.py,
or a checkout of github.com/sail-sg/zero-bubble-pipeline-parallelism; without it, the two files of
the commit below are downloaded to a folder that is removed at the end. Nothing of them is kept here.
Run by hand: it takes a minute and needs nothing but Python. It prints, for each p, a hash of the
authors' orders, which building_block_test.cc holds ours against from then on.
"""

import contextlib
import importlib.util
import io
import pathlib
import subprocess
import sys
import tempfile
import types
import urllib.request

COMMIT = "39f2c186a27580b7051eb51e0f651e1efd0a8170"
REPOSITORY = "sail-sg/zero-bubble-pipeline-parallelism"
FOLDER = "megatron/core/pipeline_parallel/zerobubble/scheduler"
FILES = ("graph.py", "zbv_greedy.py")


def download(folder):
    for name in FILES:
        url = f"https://raw.githubusercontent.com/{REPOSITORY}/{COMMIT}/{FOLDER}/{name}"
        (folder / name).write_bytes(urllib.request.urlopen(url, timeout=60).read())


def load(folder):
    """Their greedy module, without the rest of Megatron, which it does not need."""
    module = None
    for name in FILES:
        full = f"{FOLDER}/{name}".removesuffix(".py").replace("/", ".")
        spec = importlib.util.spec_from_file_location(full, folder / name)
        module = importlib.util.module_from_spec(spec)
        sys.modules[full] = module
        spec.loader.exec_module(module)
    return module


def theirs(greedy, schedule, p, m):
    graph = greedy.PipelineGraph(p, m, schedule.removeprefix("v_"), 1, 1, 1, 0)
    with contextlib.redirect_stdout(io.StringIO()):
        ranks = graph.create_schedule(types.SimpleNamespace(n_stages=p, max_chunks=2))
    kinds = {"F": "F", "B": "I", "W": "W"}  # they call the gradient of the input B
    return [[f"{a.layer_group_idx}{kinds[a.type.value]}{a.microbatch}" for a in rank]
            for rank in ranks]


def ours(lab, schedule, p, m):
    words = [lab, "schedule", schedule, "--stages", str(p), "--microbatches", str(m),
             "--format", "csv"]
    out = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return [line.split(",") for line in out.splitlines()]


def hashed(orders):
    """FNV-1a, 64 bits, of their CSV."""
    value = 0xCBF29CE484222325
    for ranks in orders:
        for byte in "".join(",".join(rank) + "\n" for rank in ranks).encode():
            value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"0x{value:016x}"


def compare(lab, greedy, schedule, p):
    """Their orders for all m, and how many of ours are different."""
    sizes = range(p + 2, 3 * p + 1)
    orders = [theirs(greedy, schedule, p, m) for m in sizes]
    different = [m for m, order in zip(sizes, orders) if ours(lab, schedule, p, m) != order]
    for m in different:
        print(f"{schedule} p={p} m={m}: different")
    return orders, len(different)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        source = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else scratch)
        if len(sys.argv) == 2:
            download(source)
        greedy = load(source / FOLDER if (source / FOLDER).is_dir() else source)
        all_orders = all_different = 0
        for p in range(2, 10):
            hashes = []
            for schedule in ("v_half", "v_min"):
                orders, different = compare(sys.argv[1], greedy, schedule, p)
                hashes.append(hashed(orders))
                all_orders += len(orders)
                all_different += different
            print(f"p={p}  v_half {hashes[0]}  v_min {hashes[1]}")
    print(f"{all_orders} orders compared, {all_different} different")
    return all_different != 0


if __name__ == "__main__":
    sys.exit(main())
