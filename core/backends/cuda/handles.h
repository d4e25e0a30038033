// Owners of CUDA and cuBLAS handles, and the checks of their return codes.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <memory>
#include <type_traits>

#include "core/base/error.h"
#include "core/base/terminal.h"

namespace shardpipe::cuda {

inline void check(cudaError_t e, Where where = Where::here()) {
  if (e != cudaSuccess)
    fail(text("CUDA says ", cudaGetErrorName(e), ": ", cudaGetErrorString(e)), where);
}

inline void check(cublasStatus_t e, Where where = Where::here()) {
  if (e != CUBLAS_STATUS_SUCCESS) fail(text("cuBLAS says ", cublasGetStatusString(e)), where);
}

// Calls Destroy. A destructor cannot throw: it reports.
template <class Handle, auto Destroy>
struct HandleDeleter {
  using pointer = Handle;
  void operator()(Handle handle) const noexcept {
    const int code = static_cast<int>(Destroy(handle));
    if (code != 0)
      say_error(text("a CUDA handle could not be destroyed: code ", code), ExitCode::crash);
  }
};
template <class Handle, auto Destroy>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, HandleDeleter<Handle, Destroy>>;

using OwnedStream = Owned<cudaStream_t, cudaStreamDestroy>;
using OwnedEvent = Owned<cudaEvent_t, cudaEventDestroy>;
using OwnedBlas = Owned<cublasHandle_t, cublasDestroy_v2>;

// Non-blocking: it does not wait for the legacy default stream, which nothing here uses.
inline OwnedStream make_stream_handle() {
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return OwnedStream(stream);
}

enum class Timing : bool { no, yes };

inline OwnedEvent make_event_handle(Timing timing) {
  cudaEvent_t event = nullptr;
  check(cudaEventCreateWithFlags(
      &event, timing == Timing::yes ? cudaEventDefault : cudaEventDisableTiming));
  return OwnedEvent(event);
}

}  // namespace shardpipe::cuda
