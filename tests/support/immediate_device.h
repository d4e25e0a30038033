// A Device for tests of Math and Kernels: bodies run at once, on the caller's thread, and every
// OpInfo is kept. Fresh memory is all ones, which is NaN in f32 and bf16: reading what nobody wrote
// shows in the result.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/device/device.h"

namespace shardpipe {

class ImmediateBuffer : public Buffer {
 public:
  explicit ImmediateBuffer(std::int64_t bytes)
      : bytes_(static_cast<std::size_t>(bytes), std::byte{0xff}) {}
  std::byte* data() override { return bytes_.data(); }

 private:
  std::vector<std::byte> bytes_;
};

class BufferWithoutNumbers : public Buffer {
 public:
  std::byte* data() override { return nullptr; }
};

class ImmediateStream : public Stream {
 public:
  ImmediateStream(const Tags& tags, bool runs_bodies, std::vector<OpInfo>& log)
      : Stream(tags, runs_bodies), log_(log) {}
  Event record() override { return {}; }
  void wait(const Event&) override {}
  void synchronize() override {}

 private:
  void do_submit(OpInfo&& info, std::function<void()> body) override {
    log_.push_back(std::move(info));
    if (body) body();
  }

  std::vector<OpInfo>& log_;
};

class ImmediateDevice : public Device {
 public:
  explicit ImmediateDevice(bool has_numbers = true) : has_numbers_(has_numbers) {}

  std::int64_t physical_bytes() const override { return 0; }
  bool has_numbers() const override { return has_numbers_; }
  std::unique_ptr<Stream> make_stream(const std::string&) override {
    return std::make_unique<ImmediateStream>(tags(), has_numbers_, log_);
  }
  const std::vector<OpInfo>& log() const { return log_; }

 private:
  std::shared_ptr<Buffer> do_allocate(std::int64_t bytes) override {
    if (!has_numbers_) return std::make_shared<BufferWithoutNumbers>();
    return std::make_shared<ImmediateBuffer>(bytes);
  }

  bool has_numbers_;
  std::vector<OpInfo> log_;
};

}  // namespace shardpipe
