// Timeline: when, on the host's clock, an event of one stream happened on the GPU.
//
// An event has no time of its own, only a distance from another event. So each stream has an
// anchor: an event recorded on the idle stream between two readings of the host's clock; the middle
// is its time, half the gap the error. Distances come as float milliseconds of about 0.5 us: after
// 8 s a float has no more digits for that, so the anchor is renewed when the stream is idle anyway.
#pragma once

#include "core/backends/cuda/handles.h"

namespace shardpipe::cuda {

class Timeline {
 public:
  explicit Timeline(cudaStream_t stream);

  // `event` has completed and was recorded with timing after the anchor.
  std::int64_t ns_of(cudaEvent_t event) const;
  // Call it when the stream is idle and all events before it have been read.
  void renew_if_old();
  std::int64_t error_ns() const { return error_ns_; }  // bound of the present anchor

 private:
  void drop_anchor();

  cudaStream_t stream_;
  OwnedEvent anchor_ = make_event_handle(Timing::yes);
  std::int64_t anchor_ns_ = 0, error_ns_ = 0;
};

}  // namespace shardpipe::cuda
