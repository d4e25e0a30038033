// What libshardpipe_mpi.so offers to libshardpipe.so, which opens it by name (plugin.h).
#pragma once

#include "core/launch/launch.h"

namespace shardpipe {

using MpiRun = void(const RunOptions& options, const RankProgram& program, RunReport& report);
using MpiStatus = void(std::string& status);

inline constexpr const char* kMpiRunSymbol = "shardpipe_mpi_run";
inline constexpr const char* kMpiStatusSymbol = "shardpipe_mpi_status";

}  // namespace shardpipe
