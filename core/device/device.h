// Device, Stream, Event: where bytes live and in which order work happens.
//
// The rules are those of CUDA, on every backend:
//   * submit() returns at once; operations of one stream run in the order of submission;
//   * operations of two streams run in any order, unless an Event orders them;
//   * `b.wait(a.record())` makes later work of b start after earlier work of a.
// A Device and its Streams belong to one rank and are used by that rank's thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "core/device/op_info.h"

namespace shardpipe {

// Physical bytes. A queued operation holds its Buffers, so they live until it has run.
class Buffer {
 public:
  virtual ~Buffer() = default;
  virtual std::byte* data() = 0;  // nullptr on the modelled device: sizes are real, numbers absent
};

// Bytes as the program sees them: live from allocate() until the program drops its last handle.
// Counted in program order, so live and peak figures are the same on every backend and every run
// (docs/architecture.md, "Bytes").
class MemoryCounter {
 public:
  void allocated(std::int64_t bytes);
  void freed(std::int64_t bytes) { live_ -= bytes; }
  void reset_peak() { peak_ = live_; }
  std::int64_t live_bytes() const { return live_; }
  std::int64_t peak_bytes() const { return peak_; }
  std::int64_t next_buffer_id() { return next_id_++; }

 private:
  std::int64_t live_ = 0, peak_ = 0, next_id_ = 0;
};

class Allocation {
 public:
  Allocation(std::shared_ptr<MemoryCounter> counter, std::shared_ptr<Buffer> buffer,
             std::int64_t bytes);
  ~Allocation() { counter_->freed(bytes_); }
  Allocation(const Allocation&) = delete;
  Allocation& operator=(const Allocation&) = delete;

  std::int64_t id() const { return id_; }
  const std::shared_ptr<Buffer>& buffer() const { return buffer_; }

 private:
  std::shared_ptr<MemoryCounter> counter_;
  std::shared_ptr<Buffer> buffer_;
  std::int64_t bytes_, id_;
};

// A point in the work of one stream. Copying an Event copies a reference to that point.
class Event {
 public:
  struct State {
    virtual ~State() = default;
  };
  Event() = default;  // a point long past: waiting for it is free
  explicit Event(std::shared_ptr<State> state) : state_(std::move(state)) {}
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

class Stream {
 public:
  // tags: read at each submit; owned by the Device. runs_bodies: false if bodies are never called.
  Stream(const Tags& tags, bool runs_bodies) : tags_(tags), runs_bodies_(runs_bodies) {}
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // The one seam. `body` computes the operation; it may run later, on another thread, and must
  // hold what it uses by value (Views, not Tensors). On a device without numbers it is dropped.
  template <class Body>
  void submit(OpInfo&& info, Body&& body, Where where = Where::here()) {
    info.tags = tags_;
    info.where = where;
    if (runs_bodies_)
      do_submit(std::move(info), std::function<void()>(std::forward<Body>(body)));
    else
      do_submit(std::move(info), {});
  }
  const Tags& tags() const { return tags_; }  // of the next operation
  virtual Event record() = 0;
  virtual void wait(const Event& event) = 0;
  // Blocks the caller until all work submitted so far has run; rethrows what a body threw.
  virtual void synchronize() = 0;

 private:
  virtual void do_submit(OpInfo&& info, std::function<void()> body) = 0;

  const Tags& tags_;
  bool runs_bodies_;
};

// A stream, and the line that asks for work on it. Operations take one where a caller writes a
// Stream; whoever asks for somebody else hands his on.
//   void add(Tensor out, Tensor a, Tensor b, OnStream on);
//   math.add(y, x, bias, ctx.compute);  // waits and races name this line
struct OnStream {
  Stream& stream;
  Where where;

  OnStream(Stream& s, Where w = Where::here()) : stream(s), where(w) {}  // NOLINT: a conversion
  template <class Body>
  void submit(OpInfo&& info, Body&& body) const {
    stream.submit(std::move(info), std::forward<Body>(body), where);
  }
};

class Device {
 public:
  virtual ~Device() = default;

  // Uninitialised bytes, counted in memory().
  std::shared_ptr<Allocation> allocate(std::int64_t bytes);
  MemoryCounter& memory() { return *memory_; }
  virtual std::int64_t physical_bytes() const = 0;  // held from the system, cached blocks included

  virtual std::unique_ptr<Stream> make_stream(const std::string& name) = 0;
  virtual bool has_numbers() const = 0;  // false on the modelled device

  Tags& tags() { return tags_; }  // put on every operation submitted from now on

 private:
  virtual std::shared_ptr<Buffer> do_allocate(std::int64_t bytes) = 0;

  std::shared_ptr<MemoryCounter> memory_ = std::make_shared<MemoryCounter>();
  Tags tags_;
};

}  // namespace shardpipe
