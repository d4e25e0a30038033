// What libshardpipe_cuda.so offers to libshardpipe.so, which opens it by name (plugin.h). A gap is
// Error(absent).
#pragma once

#include "core/launch/launch.h"

namespace shardpipe {

using CudaRun = void(const RunOptions& options, const RankProgram& program, RunReport& report);
using CudaStatus = void(std::string& status);

inline constexpr const char* kCudaRunSymbol = "shardpipe_cuda_run";
inline constexpr const char* kCudaStatusSymbol = "shardpipe_cuda_status";

}  // namespace shardpipe
