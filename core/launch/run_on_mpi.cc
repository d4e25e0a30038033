#include "core/launch/launch.h"
#include "core/launch/machine.h"
#include "core/launch/mpi_plugin.h"

namespace shardpipe {
RunReport run_on_mpi(const RunOptions& options, const RankProgram& program) {
  RunReport report;
  reinterpret_cast<MpiRun*>(find_in(kMpiPlugin, kMpiRunSymbol))(options, program, report);
  return report;
}

void start_mpi(int ranks, double time_limit_s) {
  reinterpret_cast<MpiStart*>(find_in(kMpiPlugin, kMpiStartSymbol))(ranks, time_limit_s);
}

void end_mpi(ExitCode code) {
  if (void* end = find_if_open(kMpiPlugin, kMpiEndSymbol))
    reinterpret_cast<MpiEnd*>(end)(static_cast<int>(code));
}

std::string mpi_status() {
  try {
    std::string status;
    reinterpret_cast<MpiStatus*>(find_in(kMpiPlugin, kMpiStatusSymbol))(status);
    return status;
  } catch (const Error& e) {
    return e.what();
  }
}

}  // namespace shardpipe
