// Recorder: collects spans while a run goes on. Each stream writes its own log, by one thread, with
// no lock and no allocation per span (blocks of 4,096); under 200 ns a span (tests/bench).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/trace/trace.h"

namespace shardpipe {

// The part of an OpInfo a span keeps. Pointers must outlive the Recorder's finish().
struct SpanRecord {
  const char* name = "";
  const Group* group = nullptr;
  OpKind kind = OpKind::compute;
  Tags tags = {};
  std::int64_t sequence = -1, bytes = 0;
  double flops = 0;
  Dims dims = {};
  std::int64_t posted_ns = 0, ready_ns = 0, end_ns = 0;
  std::int32_t waits_for = -1;  // world rank
  bool never_ended = false;     // the run failed inside of it: it lasts to the end of the window
};

// All that an operation says of itself; times and waits_for are the backend's to fill in.
inline SpanRecord record_of(const OpInfo& op) {
  return {.name = op.name,
          .group = op.group,
          .kind = op.kind,
          .tags = op.tags,
          .sequence = op.sequence,
          .bytes = op.bytes,
          .flops = op.flops,
          .dims = op.dims};
}

// Written by one thread; read by any, which see what was added before.
class StreamLog {
 public:
  void add(const SpanRecord& record);
  // In the order they were added; they stay where they are.
  std::vector<const SpanRecord*> records() const;

 private:
  static constexpr std::size_t kBlock = 4096;
  struct Block {
    std::array<SpanRecord, kBlock> records = {};
    std::unique_ptr<Block> next = {};  // there before size_ says that it holds anything
  };
  std::unique_ptr<Block> first_;
  Block* last_ = nullptr;
  std::atomic<std::size_t> size_ = 0;
};

// Any thread may call any of it at any time.
class Recorder {
 public:
  // The StreamLog stays where it is until the Recorder goes.
  StreamLog& make_log(int rank, int stream, const std::string& name);

  // The spans that begin inside [begin_ns, end_ns), shifted so that the window begins at 0.
  // Collectives whose ready_ns is -1 get it here: the latest posted_ns of their (group, sequence).
  // Of those that never ended all is waiting, for the first of their ranks that did not come.
  // rank_end_ns: where each rank's own window ended, if ranks go on to other work; what a rank
  // posts after it is left out. Of a run that goes on: what ended so far; collectives that some
  // ranks did not end yet may get another ready_ns later.
  Trace finish(std::int64_t begin_ns, std::int64_t end_ns,
               const std::vector<std::int64_t>& rank_end_ns = {}) const;

 private:
  struct Entry {
    Lane lane;
    std::unique_ptr<StreamLog> log;
  };
  mutable std::mutex mutex_;  // of entries_, not of what the logs hold
  std::vector<Entry> entries_;
};

}  // namespace shardpipe
