#include "tests/backends/cuda/host_gpu.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <random>
#include <set>

#include "core/backends/cuda/board.h"

namespace shardpipe::host_gpu {
namespace {

// The state of an event's latest record: streams wait for it by number.
struct Point {
  std::int64_t number = 0;  // 0: never recorded
  std::int64_t done_ns = 0;
  bool done = true;
};
struct HostEvent {
  std::shared_ptr<Point> point = std::make_shared<Point>();
};
struct Task {
  std::function<void()> run;
  std::shared_ptr<Point> wait;  // may run when this is done
};
struct HostStream {
  std::deque<Task> tasks;
};

class Gpu {
 public:
  std::mutex mutex;
  std::set<HostStream*> streams;

  // Runs one task of one of the streams that can go on. False: none can.
  bool run_one() {
    std::vector<HostStream*> able;
    for (HostStream* s : streams)
      if (!s->tasks.empty() && (!s->tasks.front().wait || s->tasks.front().wait->done))
        able.push_back(s);
    if (able.empty()) return false;
    HostStream* chosen = able[random_() % able.size()];
    Task task = std::move(chosen->tasks.front());
    chosen->tasks.pop_front();
    if (task.run) task.run();
    return true;
  }
  void run_some() {
    for (std::uint64_t n = random_() % 3; n > 0 && run_one();) --n;
  }
  // Nothing can go on: the program has deadlocked the GPU itself.
  void run_until(const std::function<bool()>& done) {
    while (!done())
      if (!run_one()) std::abort();
  }

 private:
  std::mt19937_64 random_{7};
};

Gpu& gpu() {
  static Gpu the_one;  // CUDA's interface has no other place for it
  return the_one;
}

HostStream& of(cudaStream_t s) { return *reinterpret_cast<HostStream*>(s); }
HostEvent& of(cudaEvent_t e) { return *reinterpret_cast<HostEvent*>(e); }

cudaError_t push(cudaStream_t stream, std::function<void()> run,
                 std::shared_ptr<Point> wait = nullptr) {
  const std::lock_guard lock(gpu().mutex);
  of(stream).tasks.push_back({std::move(run), std::move(wait)});
  return cudaSuccess;
}

}  // namespace

void enqueue(cudaStream_t stream, std::function<void()> task) { push(stream, std::move(task)); }

extern "C" {

const char* cudaGetErrorName(cudaError_t) { return "hostGpuError"; }
const char* cudaGetErrorString(cudaError_t) { return "an error of the GPU made of host memory"; }
cudaError_t cudaGetLastError() { return cudaSuccess; }
cudaError_t cudaSetDevice(int) { return cudaSuccess; }
cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) { return *can = 1, cudaSuccess; }
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) { return cudaSuccess; }

cudaError_t cudaMalloc(void** p, std::size_t bytes) {
  *p = std::malloc(bytes);
  std::memset(*p, 0xff, bytes);  // NaN, until somebody writes
  return cudaSuccess;
}
cudaError_t cudaFree(void* p) { return std::free(p), cudaSuccess; }

cudaError_t cudaMemcpyAsync(void* out, const void* in, std::size_t bytes, cudaMemcpyKind,
                            cudaStream_t s) {
  return push(s, [=] { std::memmove(out, in, bytes); });
}
cudaError_t cudaMemcpy2DAsync(void* out, std::size_t out_pitch, const void* in,
                              std::size_t in_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind, cudaStream_t s) {
  return push(s, [=] {
    for (std::size_t row = 0; row < height; ++row)
      std::memcpy(static_cast<char*>(out) + row * out_pitch,
                  static_cast<const char*>(in) + row * in_pitch, width);
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* s, unsigned) {
  auto* stream = new HostStream;
  *s = reinterpret_cast<cudaStream_t>(stream);
  const std::lock_guard lock(gpu().mutex);
  gpu().streams.insert(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t s) {
  const std::lock_guard lock(gpu().mutex);
  gpu().run_until([&] { return of(s).tasks.empty(); });
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t s) {
  const std::lock_guard lock(gpu().mutex);
  gpu().run_until([&] { return of(s).tasks.empty(); });
  gpu().streams.erase(&of(s));
  delete &of(s);
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned) {
  std::shared_ptr<Point> point;
  {
    const std::lock_guard lock(gpu().mutex);
    point = of(e).point;
  }
  return push(s, nullptr, point);  // of the latest record: none is no wait, as in CUDA
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* e, unsigned) {
  *e = reinterpret_cast<cudaEvent_t>(new HostEvent);
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t e) { return delete &of(e), cudaSuccess; }
cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) {
  auto point = std::make_shared<Point>();
  point->done = false;
  {
    const std::lock_guard lock(gpu().mutex);
    of(e).point = point;
  }
  return push(s, [point] {
    point->done_ns = cuda::now_ns();
    point->done = true;
  });
}
cudaError_t cudaEventQuery(cudaEvent_t e) {
  const std::lock_guard lock(gpu().mutex);
  gpu().run_some();
  return of(e).point->done ? cudaSuccess : cudaErrorNotReady;
}
cudaError_t cudaEventSynchronize(cudaEvent_t e) {
  const std::lock_guard lock(gpu().mutex);
  gpu().run_until([&] { return of(e).point->done; });
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t from, cudaEvent_t to) {
  const std::lock_guard lock(gpu().mutex);
  *ms = static_cast<float>(of(to).point->done_ns - of(from).point->done_ns) * 1e-6f;
  return cudaSuccess;
}

// ---- cuBLAS: the handle is the stream. Columns first, as there.

const char* cublasGetStatusString(cublasStatus_t) { return "an error of cuBLAS made of host code"; }
cublasStatus_t cublasCreate_v2(cublasHandle_t* h) {
  *h = reinterpret_cast<cublasHandle_t>(new Blas);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t h) {
  delete reinterpret_cast<Blas*>(h);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t h, cudaStream_t s) {
  reinterpret_cast<Blas*>(h)->stream = s;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetMathMode(cublasHandle_t h, cublasMath_t mode) {
  reinterpret_cast<Blas*>(h)->mode = mode;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetSmCountTarget(cublasHandle_t, int) { return CUBLAS_STATUS_SUCCESS; }

}  // extern "C"
}  // namespace shardpipe::host_gpu
