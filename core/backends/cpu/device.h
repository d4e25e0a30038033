// CpuDevice: host memory and worker threads as streams, of one rank.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/backends/cpu/memory.h"
#include "core/backends/cpu/stream.h"
#include "core/launch/launch.h"

namespace shardpipe::cpu {

class CpuDevice : public Device {
 public:
  // nullptr: the stream is not recorded.
  using MakeLog = std::function<StreamLog*(int stream, const std::string& name)>;

  // program: the party of the thread that uses the device.
  CpuDevice(const RunClock& clock, WaitBoard& board, int rank, Party& program,
            const RunOptions& options, MakeLog make_log)
      : clock_(clock),
        board_(board),
        rank_(rank),
        program_(program),
        links_(options.links),
        make_log_(std::move(make_log)),
        pool_(std::make_shared<MemoryPool>(options.red_zones)) {}

  std::int64_t physical_bytes() const override { return pool_->physical_bytes(); }
  bool has_numbers() const override { return true; }
  // With red zones, once the program has returned and its work is done: throws if it or an
  // operation of it wrote past a tensor.
  void check_red_zones() const {
    const std::string where = pool_->overrun();
    if (!where.empty()) fail(ExitCode::crash, text("rank ", rank_, " wrote ", where));
  }
  std::unique_ptr<Stream> make_stream(const std::string& name) override {
    return std::make_unique<CpuStream>(tags(), name, clock_, board_, rank_, program_, links_,
                                       make_log_(streams_++, name));
  }

 private:
  std::shared_ptr<Buffer> do_allocate(std::int64_t bytes) override {
    return std::make_shared<HostBuffer>(pool_, bytes);
  }

  const RunClock& clock_;
  WaitBoard& board_;
  int rank_;
  Party& program_;
  const CostModel* links_;
  MakeLog make_log_;
  std::shared_ptr<MemoryPool> pool_;
  int streams_ = 0;
};

}  // namespace shardpipe::cpu
