"""Traces that are well formed and large in one way. Usage: hostile.py FOLDER EVENTS NAME_BYTES"""
import json
import sys

folder, n, name_bytes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def slice_of(name, pid, tid, ts, dur, **args):
    event = {"ph": "X", "name": name, "cat": "kernel", "pid": pid, "tid": tid, "ts": ts, "dur": dur}
    return dict(event, args=args) if args else event


def collective(pid, ts, group, ranks, **args):
    words = {"Process Group Name": group, "Process Group Ranks": ranks, "In msg nelems": 8, "dtype": "Float"}
    return slice_of("ncclDevKernel_AllReduce_Sum", pid, 0, ts, 3, **words, **args)


def nested(i):
    return {"ph": "B" if i < n // 2 else "E", "name": "f", "pid": 0, "tid": 0, "ts": i}


long_name = "x" * name_bytes
traces = {
    "ranks": (slice_of("k", i, 0, i % 7, 3) for i in range(n)),
    "unlike_ranks": (slice_of("k", i, 0, i, 3) for i in range(n)),
    "threads": (slice_of("k", 0, i, i, 3) for i in range(n)),
    "groups": (collective(i % 2, i // 2 * 4, f"g{i // 2}", "[0, 1]") for i in range(n)),
    "one_meeting": (collective(i, 5, "g", "", Seq=1) for i in range(n)),
    "moment": (slice_of("k", 0, i % 3, 5, 0) for i in range(n)),
    "overlapping": (slice_of("k", 0, 0, i, 10 * n) for i in range(n)),
    "names": (slice_of(f"kernel number {i}", 0, 0, 2 * i, 1) for i in range(n)),
    "nested": (nested(i) for i in range(n)),
    "far": (slice_of("k", i % 16, 0, i % 2 * 1.1e12, 3) for i in range(n)),
    "long": (slice_of("k", 0, 0, i * 1000, 10**12) for i in range(n)),
    "long_name": (slice_of(long_name if i == 7 else "k", 0, i % 9, i * 2, 1) for i in range(n)),
    "long_process": (slice_of("k", 0, i, i * 2, 1) for i in range(n)),
}
for name, events in traces.items():
    with open(f"{folder}/{name}.json", "w") as out:
        out.write('{"traceEvents": [\n')
        if name == "long_process":
            for what in ("process_name", "thread_name"):
                out.write(json.dumps({"ph": "M", "name": what, "pid": 0, "tid": 3, "args": {"name": long_name}}))
                out.write(",\n")
        for i, event in enumerate(events):
            out.write((",\n" if i else "") + json.dumps(event))
        out.write("\n]}\n")
