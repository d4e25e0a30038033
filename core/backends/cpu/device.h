// CpuDevice: host memory and worker threads as streams, of one rank.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/backends/cpu/memory.h"
#include "core/backends/cpu/stream.h"

namespace shardpipe::cpu {

class CpuDevice : public Device {
 public:
  // nullptr: the stream is not recorded.
  using MakeLog = std::function<StreamLog*(int stream, const std::string& name)>;

  // program: the party of the thread that uses the device. links: RunOptions::links.
  CpuDevice(const RunClock& clock, WaitBoard& board, int rank, Party& program,
            const CostModel* links, MakeLog make_log)
      : clock_(clock),
        board_(board),
        rank_(rank),
        program_(program),
        links_(links),
        make_log_(std::move(make_log)) {}

  std::int64_t physical_bytes() const override { return pool_->physical_bytes(); }
  bool has_numbers() const override { return true; }
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
  std::shared_ptr<MemoryPool> pool_ = std::make_shared<MemoryPool>();
  int streams_ = 0;
};

}  // namespace shardpipe::cpu
