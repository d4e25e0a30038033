#!/usr/bin/env bash
# A header of a vendor is included in the folder of its backend and nowhere else.
. "$(dirname "$0")/lib.sh"

files "$code" | awk_check '
  /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
    split($0, part, /[<>"]/)
    header = part[2]
    if (header ~ /^(core|labs|viz|tests|exercises|solutions)\//) next
    home = ""
    if (header ~ /^(cuda|cublas|cudnn|curand|cufft|cusparse|cupti|nccl|nvml|nvtx|nvToolsExt|cooperative_groups|cub\/|thrust\/|cutlass|mma\.h|device_launch|vector_types|driver_types)/)
      home = "core/backends/cuda/"
    if (header ~ /(^|\/)mpi[-a-z]*\.h(pp)?$/) home = "core/backends/mpi/"
    if (header ~ /(^|\/)(cblas|f77blas|lapacke|mkl|openblas)[-_a-z0-9]*\.h$/) home = "core/backends/cpu/"
    if (header ~ /^gloo\//) home = "labs/bench/"
    if (home == "" || index(FILENAME, home) == 1) next
    if (home ~ /mpi/ && FILENAME ~ /^tests\/(bench|backends\/mpi)\//) next
    fail("includes " header "; only " home " may" (home ~ /mpi/ ? " (and its tests)" : ""))
  }'
