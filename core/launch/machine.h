// What this machine can run, for `lab doctor`.
#pragma once

#include <string>

namespace shardpipe {

// The BLAS the cpu backend multiplies with, and its threading.
std::string blas_description();

// GPUs, or the reason why the cuda backend does not run here.
std::string cuda_status();

}  // namespace shardpipe
