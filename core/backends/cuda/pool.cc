#include "core/backends/cuda/pool.h"

#include "core/backends/cuda/handles.h"

namespace shardpipe::cuda {

void* Pool::take(std::int64_t block_bytes) {
  std::vector<void*>& blocks = free_[block_bytes];
  if (!blocks.empty()) {
    void* block = blocks.back();
    blocks.pop_back();
    return block;
  }
  void* block = nullptr;
  const cudaError_t result = cudaMalloc(&block, static_cast<std::size_t>(block_bytes));
  if (result == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // out of memory is an answer here, not a fault to report later
    return nullptr;
  }
  check(result);
  held_bytes_ += block_bytes;
  return block;
}

void Pool::trim() noexcept {
  for (auto& [block_bytes, blocks] : free_) {
    for (void* block : blocks) {
      cudaFree(block);
      held_bytes_ -= block_bytes;
    }
    blocks.clear();
  }
}

}  // namespace shardpipe::cuda
