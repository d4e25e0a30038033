#!/usr/bin/env bash
# Who may include whom: docs/architecture.md. A layer may include what it names here and all below it.
. "$(dirname "$0")/lib.sh"

files '^(core|labs|viz|exercises|solutions)/' "$code" | awk_check '
  function may(layer, names) { direct[layer] = names }
  function include_all_below(layer, top,    names, n, i) {
    if ((top, layer) in allowed) return
    allowed[top, layer] = 1
    n = split(direct[layer], names, " ")
    for (i = 1; i <= n; i++) include_all_below(names[i], top)
  }
  # The part of the project a path is in: "tensor", "backends/cpu", "labs", ...
  function part_of(path,    step) {
    split(path, step, "/")
    if (step[1] != "core") return step[1]
    return step[2] == "backends" ? step[2] "/" step[3] : step[2]
  }
  # The answer to "may FROM include TO?", "" if it may, else what is allowed.
  function objection(from, to) {
    if (from == to) return ""
    if (from ~ /^(exercises|solutions)$/ && to == "reference") return "an answer is held against it"
    if (from == "viz") return (" " viz_may " ") ~ (" " to " ") ? "" : "viz may include " viz_may
    if (from == "exercises") return to in direct ? "" : "exercises may include core without core/backends"
    if (from ~ /^(labs|solutions)$/)
      return to in direct || to == "exercises" ? "" : from " may include exercises, and core without core/backends"
    # The ranks of mpi compute with it; the kernels of the reference are its own, rounded.
    if (from ~ /^(backends\/mpi|reference)$/ && to == "backends/cpu") return ""
    if (from ~ /^backends\//)
      return ("launch", to) in allowed ? "" : "a backend may include launch and below, no other backend"
    if (!(from in direct)) return "core/" from " has no place in the order of layers yet"
    return (from, to) in allowed ? "" : from " may include " (direct[from] ? direct[from] " and below" : "nothing")
  }
  BEGIN {
    may("base", "")
    may("device", "base")
    may("tensor", "device base")
    may("trace", "device schedule base")
    may("cost", "device base")
    may("comm", "tensor")
    may("collectives", "comm cost")
    may("context", "comm")
    may("tensor_parallel", "context")
    may("schedule", "base")
    may("pipeline", "schedule tensor_parallel")
    may("model", "pipeline")
    may("plan", "model schedule cost")
    may("launch", "context trace cost")
    may("reference", "model")
    viz_may = "base trace schedule cost plan"
    for (layer in direct) include_all_below(layer, layer)
  }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    path = quoted[2]
    if (path ~ /^(core|labs|viz|tests|exercises|solutions)\//) {
      why = objection(part_of(FILENAME), part_of(path))
      if (why) fail("includes " path "; " why)
    } else if (path ~ /^\.\.?\// || FILENAME ~ /^(core|labs)\//) {
      fail("includes " path "; a path of the project starts at its root")
    }
  }'
