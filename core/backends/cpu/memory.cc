#include "core/backends/cpu/memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace shardpipe::cpu {
namespace {

constexpr std::int64_t kAlignment = 64;  // a cache line, and a vector register of AVX-512

constexpr std::int64_t kRedZone = kAlignment;  // before and after
constexpr std::byte kUntouched{0xff};          // NaN in f32 and bf16, -1 in i32

std::int64_t rounded(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment + (bytes == 0 ? kAlignment : 0);
}

}  // namespace

MemoryPool::~MemoryPool() {
  for (auto& [size, blocks] : free_)
    for (std::byte* block : blocks) std::free(block);
}

std::byte* MemoryPool::take(std::int64_t bytes) {
  if (red_zones_) return take_guarded(bytes);
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
    out_of_resources(text("out of memory: ", size, " bytes asked, ", physical_bytes_, " held"));
  physical_bytes_ += size;
  return block;
}

void MemoryPool::give_back(std::byte* block, std::int64_t bytes) {
  if (red_zones_) {
    give_back_guarded(block, bytes);
    return;
  }
  std::lock_guard lock(mutex_);
  free_[rounded(bytes)].push_back(block);
}

std::int64_t MemoryPool::physical_bytes() const {
  std::lock_guard lock(mutex_);
  return physical_bytes_;
}

std::byte* MemoryPool::take_guarded(std::int64_t bytes) {
  const auto size = static_cast<std::size_t>(rounded(bytes) + 2 * kRedZone);
  auto* block = static_cast<std::byte*>(std::aligned_alloc(kAlignment, size));
  if (block == nullptr) out_of_resources(text("out of memory: ", size, " bytes asked"));
  std::memset(block, std::to_integer<int>(kUntouched), size);
  return block + kRedZone;
}

void MemoryPool::give_back_guarded(std::byte* block, std::int64_t bytes) {
  const auto untouched = [](const std::byte* first, const std::byte* last) {
    return std::all_of(first, last, [](std::byte b) { return b == kUntouched; });
  };
  const char* where = "";
  if (!untouched(block - kRedZone, block)) where = "before the beginning";
  if (!untouched(block + bytes, block + rounded(bytes) + kRedZone)) where = "past the end";
  if (*where != '\0') {
    std::lock_guard lock(mutex_);
    if (overrun_.empty()) overrun_ = text(where, " of a tensor of ", bytes, " bytes");
  }
  std::free(block - kRedZone);
}

std::string MemoryPool::overrun() const {
  std::lock_guard lock(mutex_);
  return overrun_;
}

}  // namespace shardpipe::cpu
