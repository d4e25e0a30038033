// Host memory of one rank: a caching allocator. Freed blocks are kept by size and given out again,
// because a fresh large block costs a page fault for every 4 KB touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/device/device.h"

namespace shardpipe::cpu {

// Blocks come back on the worker thread that ran their last operation: hence the lock (a few per
// operation, never contended for long).
class MemoryPool {
 public:
  // red_zones: RunOptions::red_zones.
  explicit MemoryPool(bool red_zones = false) : red_zones_(red_zones) {}
  ~MemoryPool();
  std::byte* take(std::int64_t bytes);
  void give_back(std::byte* block, std::int64_t bytes);
  std::int64_t physical_bytes() const;  // taken from the system and not yet given back to it
  std::string overrun() const;          // "" or what was written past, of blocks that came back

 private:
  std::byte* take_guarded(std::int64_t bytes);
  void give_back_guarded(std::byte* block, std::int64_t bytes);

  const bool red_zones_;
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::vector<std::byte*>> free_;  // by rounded size
  std::int64_t physical_bytes_ = 0;
  std::string overrun_;
};

class HostBuffer : public Buffer {
 public:
  HostBuffer(std::shared_ptr<MemoryPool> pool, std::int64_t bytes)
      : pool_(std::move(pool)), bytes_(bytes), data_(pool_->take(bytes)) {}
  ~HostBuffer() override { pool_->give_back(data_, bytes_); }
  std::byte* data() override { return data_; }

 private:
  std::shared_ptr<MemoryPool> pool_;
  std::int64_t bytes_;
  std::byte* data_;
};

}  // namespace shardpipe::cpu
