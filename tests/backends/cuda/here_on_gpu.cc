// As tests/support/main.cc, but skipped (77) where there is no GPU: that is asked of CUDA itself.
#define CATCH_CONFIG_RUNNER
#include "core/launch/machine.h"
#include "tests/backends/cuda/here.h"
#include "tests/support/catch.h"

namespace shardpipe {

RunReport run_here(const RunOptions& options, const RankProgram& program) {
  return run_on_cuda(options, program);
}

}  // namespace shardpipe

int main(int argc, char** argv) {
  using namespace shardpipe;
  std::fprintf(stderr, "%s\n", cuda_status().c_str());
  try {
    run_on_cuda({}, [](RankContext&) {});
  } catch (const Error& e) {
    if (e.code() != ExitCode::absent) throw;
    std::fprintf(stderr, "skipped: %s\n", e.what());
    return 77;
  }
  return Catch::Session().run(argc, argv) == 0 ? 0 : 1;
}
