#include "core/backends/cuda/timeline.h"

#include "core/backends/cuda/board.h"

namespace shardpipe::cuda {

Timeline::Timeline(cudaStream_t stream) : stream_(stream) { drop_anchor(); }

void Timeline::drop_anchor() {
  constexpr int kTries = 4;  // the first records of a stream are slow
  for (int i = 0; i < kTries; ++i) {
    OwnedEvent event = make_event_handle(Timing::yes);
    const std::int64_t before = now_ns();
    check(cudaEventRecord(event.get(), stream_));
    check(cudaEventSynchronize(event.get()));
    const std::int64_t after = now_ns();
    const std::int64_t error_ns = (after - before + 1) / 2;
    if (i != 0 && error_ns >= error_ns_) continue;
    anchor_ = std::move(event);
    anchor_ns_ = before + (after - before) / 2;
    error_ns_ = error_ns;
  }
}

std::int64_t Timeline::ns_of(cudaEvent_t event) const {
  float ms = 0;
  check(cudaEventElapsedTime(&ms, anchor_.get(), event));
  return anchor_ns_ + static_cast<std::int64_t>(static_cast<double>(ms) * 1e6);
}

void Timeline::renew_if_old() {
  constexpr std::int64_t kOld_ns = 4'000'000'000;
  if (now_ns() - anchor_ns_ > kOld_ns) drop_anchor();
}

}  // namespace shardpipe::cuda
