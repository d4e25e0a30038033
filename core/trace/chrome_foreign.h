// Reads the Chrome traces of other programs: PyTorch's profiler (Kineto) and whatever else writes
// the format. Slices (X, B .. E) become spans, a row for each stream or thread; counters, instants
// and arrows have no place in a Trace and are counted only.
//   a file of PyTorch    one rank. Kernels are compute, those of NCCL communication; memcpy, memset
//                        are copies; operators and calls of the CUDA runtime are the host's
//   any other file       each process (pid) is a rank
// Kineto's names: libkineto/src/output_json.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/base/json.h"
#include "core/trace/chrome_events.h"
#include "core/trace/trace.h"

namespace shardpipe {

// A file's spans. Lanes are of rank 0, 1, ...; the files of several ranks are joined by join_ranks.
struct ForeignTrace {
  std::string file = {};
  bool is_pytorch = false;
  int rank = -1;               // that the file says it is of
  std::int64_t origin_ns = 0;  // on the clock of the file: time 0 of `trace`
  Trace trace = {};            // groups: their ids are positions; ranks as the file numbers them
  std::vector<std::string> group_keys = {};  // of trace.groups: equal for the same group elsewhere
  std::int64_t left_out = 0;                 // events that are not slices
  std::int64_t unclosed = 0;                 // B without E, E without B
};

class ForeignReader {
 public:
  explicit ForeignReader(const std::string& file) { read_.file = file; }

  void header(const std::string& key, const Json& value);
  void event(const ChromeEvent& event);
  ForeignTrace finish();

 private:
  // What a row is for; those of the CPU's operators are compute where no device was traced.
  enum class Use : std::uint8_t { compute, comm, copy, operators, host };
  struct Thread {
    std::string pid = {}, tid = {};
    Use use = Use::compute;
  };
  struct Open {  // a B that waits for its E
    std::int32_t name = 0, lane = 0;
    std::int64_t begin_ns = 0;
  };

  [[noreturn]] void bad(const ChromeEvent& event, const std::string& what) const;
  std::int64_t time(const ChromeEvent& event, EventKey key, const char* name) const;
  void describe(const ChromeEvent& event);
  void slice(const ChromeEvent& event);
  void close(const ChromeEvent& event);
  Use use_of(const std::string& name, const std::string& category);
  std::int32_t lane(const ChromeEvent& event, Use use);
  std::int32_t name(const std::string& name);
  std::int32_t group(const ChromeEvent& event);
  void place_lanes();
  std::string lane_name(const Thread& thread) const;

  ForeignTrace read_;
  std::int64_t base_ns_ = 0;
  bool has_device_ = false;
  std::vector<Thread> threads_;  // by Span::lane until place_lanes
  std::unordered_map<std::string, std::int32_t> lanes_, names_, groups_;
  std::unordered_map<std::string, std::vector<Open>> open_;                  // by pid and tid
  std::map<std::pair<std::string, std::string>, std::string> thread_names_;  // by pid, tid
  std::map<std::string, std::string> process_names_;
};

}  // namespace shardpipe
