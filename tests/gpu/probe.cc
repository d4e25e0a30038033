// What a machine with a GPU is like, asked before anything runs on it, in one line an answer; and
// what green.cc takes for granted and no document promises: that an event of the primary context
// may be recorded on a stream of a green context. Exit code 1: one of these does not hold; 77: no
// GPU.
#include <dlfcn.h>

#include <cstdio>

#include "core/backends/cuda/virtual_gpu.h"

namespace shardpipe::cuda {
namespace {

std::string version(int number) { return text(number / 1000, ".", number % 1000 / 10); }

std::string nccl() {
  void* library = dlopen("libnccl.so.2", RTLD_NOW);
  if (library == nullptr) return "not where libraries are looked for";
  using GetVersion = int(int*);
  auto* get = reinterpret_cast<GetVersion*>(dlsym(library, "ncclGetVersion"));
  int number = 0;
  if (get == nullptr || get(&number) != 0) return "does not tell its version";
  return text(number / 10000, ".", number % 10000 / 100, ".", number % 100);
}

void print_machine(int gpus) {
  int runtime = 0, driver = 0;
  check(cudaRuntimeGetVersion(&runtime));
  check(cudaDriverGetVersion(&driver));
  std::printf("driver: for CUDA %s\nruntime: CUDA %s\nNCCL: %s\n", version(driver).c_str(),
              version(runtime).c_str(), nccl().c_str());
  for (int gpu = 0; gpu < gpus; ++gpu) {
    cudaDeviceProp p = {};
    check(cudaGetDeviceProperties(&p, gpu));
    std::printf("GPU %d: %s, compute %d.%d, %d multiprocessors, %zu MiB\n", gpu, p.name, p.major,
                p.minor, p.multiProcessorCount, p.totalGlobalMem >> 20);
    int can = 0;
    if (gpu > 0) check(cudaDeviceCanAccessPeer(&can, 0, gpu));
    if (gpu > 0) std::printf("GPU 0 reads the memory of GPU %d: %s\n", gpu, can ? "yes" : "no");
  }
}

void print_splits() {
  for (const int parts : {2, 3, 4, 8}) {
    const GpuShares split = split_multiprocessors(0, parts);
    std::printf("split in %d: %s\n", parts, split.note.c_str());
  }
}

// Two events around a copy on a green stream, waited for by a plain stream.
void time_on_green_stream(GpuShare& share) {
  const OwnedStream green = share.make_stream(), plain = make_stream_handle();
  const OwnedEvent begin = make_event_handle(Timing::yes), end = make_event_handle(Timing::yes);
  void* memory = nullptr;
  check(cudaMalloc(&memory, 2 << 20));
  char* bytes = static_cast<char*>(memory);
  check(cudaEventRecord(begin.get(), green.get()));
  check(cudaMemcpyAsync(bytes, bytes + (1 << 20), 1 << 20, cudaMemcpyDeviceToDevice, green.get()));
  check(cudaEventRecord(end.get(), green.get()));
  check(cudaStreamWaitEvent(plain.get(), end.get(), 0));
  check(cudaStreamSynchronize(plain.get()));
  float ms = 0;
  check(cudaEventElapsedTime(&ms, begin.get(), end.get()));
  check(cudaFree(memory));
  std::printf(
      "event of the primary context on a green stream: works, a copy of 1 MiB took %.3f ms\n",
      static_cast<double>(ms));
}

int probe() {
  int gpus = 0;
  const cudaError_t e = cudaGetDeviceCount(&gpus);
  if (e != cudaSuccess || gpus == 0) {
    std::printf("skipped: no GPU here, CUDA says %s\n", cudaGetErrorName(e));
    return 77;
  }
  print_machine(gpus);
  check(cudaSetDevice(0));
  print_splits();
  const GpuShares halves = split_multiprocessors(0, 2);
  if (halves.shares.empty())
    std::printf("no green contexts: ranks that share a GPU use plain streams\n");
  else
    time_on_green_stream(*halves.shares[0]);
  return 0;
}

}  // namespace
}  // namespace shardpipe::cuda

int main() {
  try {
    return shardpipe::cuda::probe();
  } catch (const shardpipe::Error& e) {
    std::printf("FAILED: %s (%s:%d)\n", e.what(), e.where().file, e.where().line);
    return 1;
  }
}
