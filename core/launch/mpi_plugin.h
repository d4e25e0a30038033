// What libshardpipe_mpi.so offers to libshardpipe.so, which opens it by name (plugin.h).
#pragma once

#include "core/launch/launch.h"
#include "core/launch/mpi_progress.h"
#include "core/launch/plugin.h"

namespace shardpipe {

using MpiRun = void(const RunOptions& options, const RankProgram& program, RunReport& report);
using MpiStatus = void(std::string& status);
using MpiStart = void(int ranks, double time_limit_s);
using MpiEnd = void(int code);
using MpiProgress = void(ProgressWay way, std::unique_ptr<RawAllReduce>& made);

inline constexpr Plugin kMpiPlugin = {
    "mpi", "libshardpipe_mpi.so", "no MPI was found (Debian, Ubuntu: libopenmpi-dev openmpi-bin)"};

inline constexpr const char* kMpiRunSymbol = "shardpipe_mpi_run";
inline constexpr const char* kMpiStatusSymbol = "shardpipe_mpi_status";
inline constexpr const char* kMpiStartSymbol = "shardpipe_mpi_start";
inline constexpr const char* kMpiEndSymbol = "shardpipe_mpi_end";
inline constexpr const char* kMpiProgressSymbol = "shardpipe_mpi_progress";

}  // namespace shardpipe
