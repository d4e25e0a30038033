#include "core/device/device.h"

#include <algorithm>

namespace shardpipe {

void MemoryCounter::allocated(std::int64_t bytes) {
  live_ += bytes;
  peak_ = std::max(peak_, live_);
}

Allocation::Allocation(std::shared_ptr<MemoryCounter> counter, std::shared_ptr<Buffer> buffer,
                       std::int64_t bytes)
    : counter_(std::move(counter)),
      buffer_(std::move(buffer)),
      bytes_(bytes),
      id_(counter_->next_buffer_id()) {
  counter_->allocated(bytes_);
}

std::shared_ptr<Allocation> Device::allocate(std::int64_t bytes) {
  return std::make_shared<Allocation>(memory_, do_allocate(bytes), bytes);
}

}  // namespace shardpipe
