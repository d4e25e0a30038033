#include "core/launch/launch.h"
#include "core/launch/machine.h"
#include "core/launch/mpi_plugin.h"
#include "core/launch/plugin.h"

namespace shardpipe {
namespace {

constexpr Plugin kMpi = {"mpi", "libshardpipe_mpi.so",
                         "no MPI was found (Debian, Ubuntu: libopenmpi-dev openmpi-bin)"};

}  // namespace

RunReport run_on_mpi(const RunOptions& options, const RankProgram& program) {
  RunReport report;
  reinterpret_cast<MpiRun*>(find_in(kMpi, kMpiRunSymbol))(options, program, report);
  return report;
}

std::string mpi_status() {
  try {
    std::string status;
    reinterpret_cast<MpiStatus*>(find_in(kMpi, kMpiStatusSymbol))(status);
    return status;
  } catch (const Error& e) {
    return e.what();
  }
}

}  // namespace shardpipe
