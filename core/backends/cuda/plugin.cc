// The doors of libshardpipe_cuda.so, and which GPUs there are.
#include "core/launch/cuda_plugin.h"

#include "core/backends/cuda/handles.h"
#include "core/backends/cuda/nccl_transport.h"
#include "core/backends/cuda/run.h"

namespace shardpipe::cuda {
namespace {

// "" or why there is no GPU. The count stays as it is when CUDA has no driver to ask.
std::string why_no_gpu(int& gpus) {
  gpus = 0;
  const cudaError_t e = cudaGetDeviceCount(&gpus);
  if (e != cudaSuccess) {
    gpus = 0;
    cudaGetLastError();
    return text("no GPU here: CUDA says ", cudaGetErrorName(e), " (", cudaGetErrorString(e), ")");
  }
  return gpus == 0 ? "no GPU here: CUDA counts 0 devices" : "";
}

std::string version(int number) { return text(number / 1000, ".", number % 1000 / 10); }

void describe(std::string& status) {
  int gpus = 0, runtime = 0, driver = 0;
  check(cudaRuntimeGetVersion(&runtime));
  status = text("cuda: runtime ", version(runtime), has_nccl() ? ", with NCCL" : ", without NCCL");
  const std::string why = why_no_gpu(gpus);
  if (!why.empty()) {
    status += "; " + why;
    return;
  }
  check(cudaDriverGetVersion(&driver));
  status += text(", driver for ", version(driver), "; ", gpus, gpus == 1 ? " GPU" : " GPUs");
  for (int gpu = 0; gpu < gpus; ++gpu) {
    cudaDeviceProp p = {};
    check(cudaGetDeviceProperties(&p, gpu));
    status += text("; ", gpu, ": ", p.name, ", compute ", p.major, ".", p.minor, ", ",
                   p.multiProcessorCount, " multiprocessors, ", p.totalGlobalMem >> 20, " MiB");
  }
}

}  // namespace

extern "C" void shardpipe_cuda_run(const RunOptions& options, const RankProgram& program,
                                   RunReport& report) {
  int gpus = 0;
  const std::string why = why_no_gpu(gpus);
  if (!why.empty()) fail(ExitCode::absent, why);
  report = run_ranks(options, program, gpus);
}

extern "C" void shardpipe_cuda_status(std::string& status) { describe(status); }

// The names that run_on_cuda looks up have these types.
static_assert(std::is_same_v<decltype(shardpipe_cuda_run), CudaRun>);
static_assert(std::is_same_v<decltype(shardpipe_cuda_status), CudaStatus>);

}  // namespace shardpipe::cuda
