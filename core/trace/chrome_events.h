// The events of a file in the Chrome trace-event format, one by one while it is read: neither the
// file nor its document is ever in memory. Both forms of the format are read: an object with
// "traceEvents" (and with anything beside it), and a bare array of events.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/json.h"
#include "core/trace/file.h"

namespace shardpipe {

// The fields of an event that a reader of this kit looks at; the second part are those of "args".
enum class EventKey : std::uint8_t {
  phase,  // "ph"
  category,
  name,
  pid,
  tid,
  time,         // "ts", us
  length,       // "dur", us
  collective,   // "Collective name"
  group,        // "Process Group Name"
  group_words,  // "Process Group Description"
  group_ranks,  // "Process Group Ranks": a string "[0, 1]"
  sequence,     // "Seq"
  elements_in,  // "In msg nelems"
  dtype,
  named,  // "name": of a process or thread
  bytes,
  flops,
  wait,
  waits_for,
  step,
  stage,
  microbatch,
  layer,
  part,  // "phase": of the training step
  shape,
};
constexpr std::size_t kNumEventKeys = 25;

// A value as it stands in the file.
struct EventValue {
  enum class Type : std::uint8_t { absent, integer, real, word, other };
  Type type = Type::absent;
  std::int64_t integer = 0;
  std::string text = {};  // of a word; of a real number its digits

  bool is_number() const { return type == Type::integer || type == Type::real; }
  double real() const;  // of a number
  // A pid may be a number or a word: this is either as a word.
  std::string word() const;
};

class ChromeEvent {
 public:
  std::int64_t number = 0;  // the how manyth of the file, from 0
  std::int64_t byte = 0;    // of the file, where it ends

  const EventValue& operator[](EventKey key) const {
    return values_[static_cast<std::size_t>(key)];
  }
  EventValue& operator[](EventKey key) { return values_[static_cast<std::size_t>(key)]; }
  void clear();

 private:
  std::array<EventValue, kNumEventKeys> values_ = {};
};

// Microseconds, a decimal fraction among them, to the exact nanosecond (an absolute time of today
// has more digits than a double). False: not a number, or beyond 146 years.
bool to_ns(const EventValue& us, std::int64_t* ns);

class ChromeSink {
 public:
  virtual ~ChromeSink() = default;
  // What stands beside the events, if it is one of "metadata" (of this kit), "distributedInfo",
  // "baseTimeNanoseconds" and "schemaVersion" (of PyTorch's profiler).
  virtual void header(const std::string& key, const Json& value) = 0;
  virtual void event(const ChromeEvent& event) = 0;
};

// How reading ended. Not whole: what the sink got is what stands before the break.
struct ChromeEnd {
  bool is_whole = true;
  bool has_events = false;  // an array of them was found
  std::string broken = {};  // "not JSON at byte 18: ..."
};

// usage_error if the file cannot be opened; errors of the sink pass through.
ChromeEnd read_chrome_events(FileBytes& file, ChromeSink& sink);

}  // namespace shardpipe
