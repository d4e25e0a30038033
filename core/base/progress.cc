#include "core/base/progress.h"

#include <atomic>

namespace shardpipe {
namespace {

std::atomic<std::uint64_t>& told() {
  static std::atomic<std::uint64_t> pieces{0};
  return pieces;
}

}  // namespace

void tell_progress() { told().fetch_add(1, std::memory_order_relaxed); }

std::uint64_t progress_told() { return told().load(std::memory_order_relaxed); }

}  // namespace shardpipe
