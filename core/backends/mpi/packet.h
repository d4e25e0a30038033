// What one process knows at the end of a run, as bytes: its figures and its spans. Both ends are
// the same program on machines of one kind, so numbers travel as they lie in memory.
#pragma once

#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/launch/launch.h"
#include "core/trace/recorder.h"

namespace shardpipe::mpi {

// One stream of this process. log: nullptr if nothing is recorded.
struct RecordedStream {
  int stream = 0;
  std::string name = {};
  const StreamLog* log = nullptr;
  std::optional<SpanRecord> open = {};  // of a run that fails: what it was in the middle of
};

struct Packet {
  std::int64_t begin_ns = 0, end_ns = 0;  // this rank's window
  RankReport report = {};
  std::vector<RecordedStream> streams = {};
};

std::string to_bytes(const Packet& packet);

// The packets of all ranks as one report. Spans are copied; texts and groups live here until the
// trace has its own.
class Merger {
 public:
  void add(int rank, const std::string& bytes);  // in rank order
  RunReport finish();
  // In the place of add(), for a rank that sent nothing: an empty stream that says so.
  void add_silent(int rank) { recorder_.make_log(rank, 0, "no answer"); }
  // Of a run that failed, from the ranks that sent theirs: what was recorded until now_ns.
  Trace last_picture(std::int64_t now_ns) const;

 private:
  class Source;

  std::deque<std::string> names_;
  std::deque<Group> groups_;
  Recorder recorder_;
  std::vector<std::int64_t> begin_ns_, end_ns_;  // by rank
  std::vector<RankReport> reports_;
};

}  // namespace shardpipe::mpi
