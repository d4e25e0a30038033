// lab bench collectives: one collective by every algorithm of core/collectives and by the backend's
// own ("native"), over a sweep of sizes.
#pragma once

#include <string>
#include <vector>

#include "core/cost/fit.h"
#include "core/device/op_info.h"

namespace shardpipe {

struct CollectiveBench {
  OpKind kind = OpKind::all_reduce;  // or all_gather, reduce_scatter
  int ranks = 4;
  std::string device = "cpu";       // or modelled
  std::string hardware = "8xH100";  // profile, for modelled
  std::int64_t max_bytes = 16 << 20;

  bool is_modelled() const { return device == "modelled"; }
};

inline constexpr std::int64_t kLeastBytes = 1024, kMostBytes = std::int64_t{1} << 30;

struct AlgorithmTimes {
  std::string name = {};
  std::vector<TimedSize> points = {};  // by size; bytes of the full tensor
  AlphaBeta fit = {};
  double worst_error = 0;  // of the fit, relative
};

struct CollectiveSweep {
  CollectiveBench bench = {};
  std::vector<AlgorithmTimes> algorithms = {};  // native first
  std::vector<AlgorithmTimes> rivals = {};      // other libraries, without a fit: rivals.h
  std::vector<std::string> notes = {};          // which of them are absent, and why

  std::string clock() const;  // "measured here" or "modelled on 8xH100"
  // bus bandwidth = factor * bytes / seconds: 2 (n-1)/n for all_reduce, (n-1)/n for the others
  // (NVIDIA/nccl-tests, doc/PERFORMANCE.md): what a link carries if the traffic is the least
  // possible.
  double bus_factor() const;
};

// Calls of one batch.
int calls_for(std::int64_t bytes);

// Usage error for ranks, sizes or machines that cannot be.
void check_bench(const CollectiveBench& bench);

// Sizes 1 KiB, 4 KiB, ... to max_bytes, rounded down to whole elements for every rank; f32 sums.
// cpu: a time is the slowest rank's mean over calls that follow each other, median of 5 batches.
// modelled: one call from a standing start.
CollectiveSweep run_bench(const CollectiveBench& bench);

}  // namespace shardpipe
