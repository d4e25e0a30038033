// The doors of libshardpipe_mpi.so.
#include "core/backends/mpi/run.h"
#include "core/launch/mpi_plugin.h"

namespace shardpipe::mpi {

extern "C" void shardpipe_mpi_run(const RunOptions& options, const RankProgram& program,
                                  RunReport& report) {
  report = run_rank_of_all(Library::open(options.time_limit_s), options, program);
}

extern "C" void shardpipe_mpi_start(int ranks, double time_limit_s) {
  check_ranks(Library::open(time_limit_s), ranks);
}

extern "C" void shardpipe_mpi_end(int code) { Library::abort_if_open(static_cast<ExitCode>(code)); }

extern "C" void shardpipe_mpi_status(std::string& status) {
  status = version() + ": ranks are processes, as in mpirun -n 4 ./build/lab run tp-mlp --tp 4";
}

// The names that run_on_mpi looks up have these types.
static_assert(std::is_same_v<decltype(shardpipe_mpi_run), MpiRun>);
static_assert(std::is_same_v<decltype(shardpipe_mpi_status), MpiStatus>);
static_assert(std::is_same_v<decltype(shardpipe_mpi_start), MpiStart>);
static_assert(std::is_same_v<decltype(shardpipe_mpi_end), MpiEnd>);

}  // namespace shardpipe::mpi
