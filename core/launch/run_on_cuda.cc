#include "core/launch/cuda_plugin.h"
#include "core/launch/launch.h"
#include "core/launch/machine.h"
#include "core/launch/plugin.h"

namespace shardpipe {
namespace {

constexpr Plugin kCuda = {"cuda", "libshardpipe_cuda.so", "no CUDA compiler was found"};

}  // namespace

RunReport run_on_cuda(const RunOptions& options, const RankProgram& program) {
  RunReport report;
  reinterpret_cast<CudaRun*>(find_in(kCuda, kCudaRunSymbol))(options, program, report);
  return report;
}

std::string cuda_status() {
  try {
    std::string status;
    reinterpret_cast<CudaStatus*>(find_in(kCuda, kCudaStatusSymbol))(status);
    return status;
  } catch (const Error& e) {
    return e.what();
  }
}

}  // namespace shardpipe
