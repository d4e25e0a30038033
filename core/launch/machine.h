// What this machine can run, for `lab doctor`.
#pragma once

#include <string>

namespace shardpipe {

// The BLAS the cpu backend multiplies with and its threading: "OpenBLAS 0.3.21 ... (threads:
// pthread)".
std::string blas_description();

// One line: GPUs, their memory, runtime and driver, or the reason why the cuda backend does not run
// here. Never throws.
std::string cuda_status();

// One line: the MPI that the mpi backend was built with and its thread level, or why there is none.
// Never throws. Does not start MPI.
std::string mpi_status();

}  // namespace shardpipe
