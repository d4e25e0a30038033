// CudaDevice: the GPU of one rank, or its share of one. Used by the rank's thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/backends/cuda/board.h"
#include "core/backends/cuda/pool.h"
#include "core/backends/cuda/stream.h"
#include "core/backends/cuda/virtual_gpu.h"
#include "core/device/device.h"
#include "core/trace/recorder.h"

namespace shardpipe::cuda {

// A communicator of a library that can fail or hang on its own: asked while the rank waits.
class Watched {
 public:
  virtual ~Watched() = default;
  virtual void poll() = 0;            // throws if it has failed
  virtual void abort() noexcept = 0;  // ends what it has on the GPU
};

class CudaDevice : public Device {
 public:
  using MakeLog = std::function<StreamLog*(int stream, const std::string& name)>;

  CudaDevice(Board& board, int rank, GpuShare& share, MakeLog make_log)
      : board_(board), rank_(rank), share_(share), make_log_(std::move(make_log)) {}

  std::int64_t physical_bytes() const override { return pool_->held_bytes(); }
  std::unique_ptr<Stream> make_stream(const std::string& name) override;
  bool has_numbers() const override { return true; }

  Board& board() { return board_; }
  int rank() const { return rank_; }
  int sms() const { return share_.sms(); }  // 0: all of the GPU

  void progress();  // enqueues what can be enqueued, on all streams
  // Waits until `done`, while the streams progress. wait_for_ranks: only other ranks can make it
  // so. wait_for_gpu: the GPU will, by itself.
  void wait_for_ranks(const std::function<bool()>& done);
  void wait_for_gpu(const std::function<bool()>& done);

  void add(CudaStream* stream) { streams_.push_back(stream); }
  void remove(CudaStream* stream) { std::erase(streams_, stream); }
  void add(Watched* watched) { watched_.push_back(watched); }
  void remove(Watched* watched) { std::erase(watched_, watched); }
  void abort() noexcept;  // the run has failed: communicators let go of the GPU

 private:
  std::shared_ptr<Buffer> do_allocate(std::int64_t bytes) override;
  bool progress_until(const std::function<bool()>& done);
  std::string held_by() const;

  Board& board_;
  int rank_;
  GpuShare& share_;
  MakeLog make_log_;
  std::shared_ptr<Pool> pool_ = std::make_shared<Pool>();
  std::vector<CudaStream*> streams_;
  std::vector<Watched*> watched_;
  int next_stream_ = 0;
};

}  // namespace shardpipe::cuda
