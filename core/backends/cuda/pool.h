// Pool: device memory of one rank, kept and reused. cudaMalloc and cudaFree stop the GPU, so they
// happen in the first steps only.
//
// Reuse across streams is safe without any bookkeeping here: a queued operation holds its Buffers
// until its end event has completed, so a block comes back when nothing on the GPU uses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/device/device.h"

namespace shardpipe::cuda {

// The bytes really taken for `bytes`: eight steps to every power of two, at least 512. So sizes
// that differ a little share their blocks, and under 1/8 is wasted.
constexpr std::int64_t size_class(std::int64_t bytes) {
  std::int64_t power = 512;
  while (power < bytes / 2) power *= 2;  // now power < bytes <= about 2 power
  const std::int64_t step = power / 8;
  return bytes <= 512 ? 512 : (bytes + step - 1) / step * step;
}

class Pool {
 public:
  Pool() = default;
  ~Pool() { trim(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void* take(std::int64_t block_bytes);  // nullptr: the GPU is full
  void give_back(void* block, std::int64_t block_bytes) { free_[block_bytes].push_back(block); }
  void trim() noexcept;  // returns cached blocks to the system
  std::int64_t held_bytes() const { return held_bytes_; }

 private:
  std::map<std::int64_t, std::vector<void*>> free_;
  std::int64_t held_bytes_ = 0;
};

class PooledBuffer : public Buffer {
 public:
  PooledBuffer(std::shared_ptr<Pool> pool, void* block, std::int64_t block_bytes)
      : pool_(std::move(pool)), block_(block), block_bytes_(block_bytes) {}
  ~PooledBuffer() override { pool_->give_back(block_, block_bytes_); }
  std::byte* data() override { return static_cast<std::byte*>(block_); }

 private:
  std::shared_ptr<Pool> pool_;  // a Tensor may outlive its Device
  void* block_;
  std::int64_t block_bytes_;
};

}  // namespace shardpipe::cuda
