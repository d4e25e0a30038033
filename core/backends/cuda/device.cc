#include "core/backends/cuda/device.h"

namespace shardpipe::cuda {

std::unique_ptr<Stream> CudaDevice::make_stream(const std::string& name) {
  return std::make_unique<CudaStream>(*this, share_.make_stream(), make_log_(next_stream_++, name));
}

std::shared_ptr<Buffer> CudaDevice::do_allocate(std::int64_t bytes) {
  const std::int64_t block_bytes = size_class(bytes);
  void* block = pool_->take(block_bytes);
  if (block == nullptr) {  // full: let running operations end, then return what is cached
    for (CudaStream* stream : std::vector(streams_)) stream->synchronize();
    pool_->trim();
    block = pool_->take(block_bytes);
  }
  if (block == nullptr)
    fail(text("out of GPU memory: rank ", rank_, " asks for ", bytes, " bytes and holds ",
              pool_->held_bytes()));
  return std::make_shared<PooledBuffer>(pool_, block, block_bytes);
}

void CudaDevice::progress() {
  bool moved = false;
  try {
    for (CudaStream* stream : streams_) moved = stream->advance() || moved;
  } catch (...) {  // peers that wait for this rank stop now, not at the time limit
    board_.stop(std::current_exception());
    throw;
  }
  if (moved) board_.moved();
}

void CudaDevice::wait_for_ranks(const std::function<bool()>& done) {
  board_.wait(
      rank_, EndedBy::ranks, [&] { return progress_until(done); }, [this] { return held_by(); });
}

void CudaDevice::wait_for_gpu(const std::function<bool()>& done) {
  board_.wait(
      rank_, EndedBy::itself, [&] { return progress_until(done); },
      [] { return std::string("waits for its GPU"); });
}

bool CudaDevice::progress_until(const std::function<bool()>& done) {
  progress();
  if (done()) return true;
  for (Watched* watched : watched_) watched->poll();
  return false;
}

std::string CudaDevice::held_by() const {
  std::string all;
  for (const CudaStream* stream : streams_) {
    const std::string one = stream->held_by();
    if (!one.empty()) all += (all.empty() ? "" : " and ") + one;
  }
  return all;
}

void CudaDevice::abort() noexcept {
  for (Watched* watched : watched_) watched->abort();
}

}  // namespace shardpipe::cuda
