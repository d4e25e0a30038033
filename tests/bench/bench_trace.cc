// What a span costs while it is recorded: nanoseconds per StreamLog::add, the median of 21 repeats
// of a million spans into a new log (so that making its blocks counts). Exit 1 above 200 ns.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "core/trace/recorder.h"

namespace shardpipe {
namespace {

constexpr int kSpans = 1'000'000, kRepeats = 21;
constexpr double kLimitNs = 200;

double ns_per_span() {
  const Group group{.id = 1, .axis = "tp", .ranks = {0, 1}};
  Recorder recorder;
  StreamLog& log = recorder.make_log(0, 0, "compute");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kSpans; ++i)
    log.add({.name = "op", .group = &group, .posted_ns = i, .ready_ns = i, .end_ns = i + 1});
  const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - begin;
  return passed.count() / static_cast<double>(log.records().size());
}

}  // namespace
}  // namespace shardpipe

int main() {
  std::array<double, shardpipe::kRepeats> ns;
  for (double& repeat : ns) repeat = shardpipe::ns_per_span();
  std::sort(ns.begin(), ns.end());
  const double median = ns[ns.size() / 2];
  std::printf("StreamLog::add: %.1f ns a span (median of %d x %d; fastest %.1f, slowest %.1f)\n",
              median, shardpipe::kRepeats, shardpipe::kSpans, ns.front(), ns.back());
  return median < shardpipe::kLimitNs ? 0 : 1;
}
