#!/usr/bin/env python3
"""What of communication is under compute, counted from the file alone, is what `trace stats` says.

Holistic Trace Analysis counts it so (its get_comm_comp_overlap): intervals in which a communication
operation runs while a compute operation runs on the same rank, over all intervals in which one
communicates. Here each rank's operations are painted over the elementary intervals between all
their ends, which shares nothing with the sweep of core/trace.

usage: overlap_check.py PATH/TO/lab FILE...
"""
import bisect
import json
import subprocess
import sys


def to_ns(us):
    return round(us * 1000)


def painted(pieces, edges):
    """Which of the intervals between neighbouring edges some piece covers."""
    covered = [False] * (len(edges) - 1)
    for begin, end in pieces:
        for i in range(bisect.bisect_left(edges, begin), bisect.bisect_left(edges, end)):
            covered[i] = True
    return covered


def seconds(which, edges):
    return sum(edges[i + 1] - edges[i] for i, is_in in enumerate(which) if is_in) * 1e-9


def counted(file, wall_ns):
    """Per rank: (compute, overlapped, exposed) in seconds."""
    with open(file, encoding="utf-8") as opened:
        events = json.load(opened)["traceEvents"]
    ranks = {}
    for event in events:
        if event["ph"] != "X" or event["cat"] == "wait":
            continue
        kind = "compute" if event["cat"].startswith("compute") else "comm"
        begin = min(to_ns(event["ts"]), wall_ns)
        end = min(begin + to_ns(event["dur"]), wall_ns)
        ranks.setdefault(event["pid"] - 1, {"compute": [], "comm": []})[kind].append((begin, end))
    times = {}
    for rank, pieces in ranks.items():
        edges = sorted({at for kind in pieces.values() for piece in kind for at in piece})
        compute = painted(pieces["compute"], edges)
        comm = painted(pieces["comm"], edges)
        under = [c and m for c, m in zip(comm, compute)]
        exposed = [c and not m for c, m in zip(comm, compute)]
        times[rank] = [seconds(which, edges) for which in (compute, under, exposed)]
    return times


def main():
    lab, files = sys.argv[1], sys.argv[2:]
    some_overlap = False
    for file in files:
        said = json.loads(subprocess.run([lab, "trace", "stats", file, "--json"], check=True,
                                         capture_output=True).stdout)
        times = counted(file, round(said["wall_s"] * 1e9))
        if len(times) != len(said["ranks"]):
            sys.exit(f"{file}: {len(times)} ranks with operations, the kit says {len(said['ranks'])}")
        for rank in said["ranks"]:
            kit = [rank["compute_s"], rank["overlapped_comm_s"], rank["exposed_comm_s"]]
            here = times[rank["rank"]]
            if any(abs(a - b) > 1e-12 for a, b in zip(kit, here)):
                sys.exit(f"{file}, rank {rank['rank']}: compute, overlapped, exposed are {kit} s by "
                         f"trace stats and {here} s by the file")
            some_overlap = some_overlap or here[1] > 0
    if not some_overlap:
        sys.exit("no file in which anything overlaps: nothing was compared")
    print(f"{len(files)} traces: the overlap of each rank is what trace stats says")


main()
