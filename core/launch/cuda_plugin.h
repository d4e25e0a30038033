// What libshardpipe_cuda.so offers to libshardpipe.so, which opens it by name (run_on_cuda.cc).
// Both come out of one build, so C++ types and exceptions cross the line; the plugin is never
// closed, because an exception may still carry its code. A gap is Error(absent).
#pragma once

#include "core/launch/launch.h"

namespace shardpipe {

using CudaRun = void(const RunOptions& options, const RankProgram& program, RunReport& report);
using CudaStatus = void(std::string& status);

inline constexpr const char* kCudaRunSymbol = "shardpipe_cuda_run";
inline constexpr const char* kCudaStatusSymbol = "shardpipe_cuda_status";

}  // namespace shardpipe
