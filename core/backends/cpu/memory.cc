#include "core/backends/cpu/memory.h"

#include <cstdlib>

namespace shardpipe::cpu {
namespace {

constexpr std::int64_t kAlignment = 64;  // a cache line, and a vector register of AVX-512

std::int64_t rounded(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment + (bytes == 0 ? kAlignment : 0);
}

}  // namespace

MemoryPool::~MemoryPool() {
  for (auto& [size, blocks] : free_)
    for (std::byte* block : blocks) std::free(block);
}

std::byte* MemoryPool::take(std::int64_t bytes) {
  const std::int64_t size = rounded(bytes);
  std::lock_guard lock(mutex_);
  auto& blocks = free_[size];
  if (!blocks.empty()) {
    std::byte* block = blocks.back();
    blocks.pop_back();
    return block;
  }
  auto* block =
      static_cast<std::byte*>(std::aligned_alloc(kAlignment, static_cast<std::size_t>(size)));
  if (block == nullptr)
    fail(text("out of memory: ", size, " bytes asked, ", physical_bytes_, " held"));
  physical_bytes_ += size;
  return block;
}

void MemoryPool::give_back(std::byte* block, std::int64_t bytes) {
  std::lock_guard lock(mutex_);
  free_[rounded(bytes)].push_back(block);
}

std::int64_t MemoryPool::physical_bytes() const {
  std::lock_guard lock(mutex_);
  return physical_bytes_;
}

}  // namespace shardpipe::cpu
