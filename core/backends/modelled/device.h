// The modelled device: sizes, streams and events are real, numbers are absent. What is submitted is
// logged and never run.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "core/backends/modelled/log.h"
#include "core/device/device.h"

namespace shardpipe::modelled {

class ModelledDevice : public Device {
 public:
  explicit ModelledDevice(RankLog& log) : log_(log) {}
  const std::atomic<std::uint64_t>& steps() const { return steps_; }  // submissions and events

  std::unique_ptr<Stream> make_stream(const std::string& name) override;
  bool has_numbers() const override { return false; }
  std::int64_t physical_bytes() const override { return 0; }  // nothing is held from the system

 private:
  std::shared_ptr<Buffer> do_allocate(std::int64_t bytes) override;

  RankLog& log_;
  std::atomic<std::uint64_t> steps_{0};
};

}  // namespace shardpipe::modelled
