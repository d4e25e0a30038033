// The alpha-beta line through measured times of several sizes.
#pragma once

#include <vector>

namespace shardpipe {

struct TimedSize {
  double bytes = 0, seconds = 0;  // seconds > 0
};

// seconds = latency_s + bytes / bytes_per_s.
struct AlphaBeta {
  double latency_s = 0;    // alpha
  double bytes_per_s = 0;  // 1 / beta; infinity if time does not grow with size
};

// The line that minimises the squared relative errors: without "relative" the largest size alone
// would decide. At least two different sizes, else Error.
AlphaBeta fit_alpha_beta(const std::vector<TimedSize>& measured);

}  // namespace shardpipe
