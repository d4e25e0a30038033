#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstring>
#include <functional>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/base/error.h"
#include "core/trace/chrome_json.h"
#include "core/trace/metadata.h"

namespace shardpipe {
namespace {

constexpr int kMostStreams = 99;  // of a rank, so that tids of two ranks differ
constexpr std::size_t kBlock_bytes = 1 << 16;

// A value as JSON text, put into events as it is.
std::string quoted(const std::string& value) { return Json(value).dump(); }

// Events are RapidJSON's to write, a million spans a second; the rest, which is little, is Json.
class Writer {
 public:
  using Sink = std::function<void(std::string_view)>;

  Writer(const Trace& trace, Sink out) : trace_(trace), out_(std::move(out)) {
    for (const std::string& name : trace.names) names_.push_back(quoted(name));
    for (const std::string& shape : trace.shapes) shapes_.push_back(quoted(shape));
    for (const Group& group : trace.groups) {
      axes_.push_back(quoted(group.axis));
      ranks_.push_back(quoted(Json(group.ranks).dump()));
    }
  }

  void write() {
    out_("{\"displayTimeUnit\":\"ns\",\"baseTimeNanoseconds\":0,\n\"metadata\":" +
         metadata_of(trace_).dump() + ",\n\"traceEvents\":[");
    lane_names();
    for (const Span& span : trace_.spans) slices(span);
    arrows();
    flush();
    out_("\n]}\n");
  }

 private:
  const Lane& lane_of(const Span& span) const {
    return trace_.lanes[static_cast<std::size_t>(span.lane)];
  }
  const std::string& name_of_span(const Span& span) const {
    return names_[static_cast<std::size_t>(span.name)];
  }

  // One event a line: its phase, then what `rest` adds.
  template <class F>
  void event(const char* phase, const F& rest) {
    put(is_first_ ? "\n" : ",\n");
    is_first_ = false;
    json_.Reset(bytes_);
    json_.StartObject();
    field("ph", phase);
    rest();
    json_.EndObject();
    if (bytes_.GetSize() > kBlock_bytes) flush();
  }

  void track(const Lane& lane) {
    field("pid", lane.rank + 1);
    field("tid", (lane.rank + 1) * 100 + lane.stream + 1);
  }

  void field(std::string_view name, std::string_view word) {
    key(name);
    json_.String(word.data(), static_cast<rapidjson::SizeType>(word.size()));
  }
  void field(std::string_view name, std::int64_t number) {
    key(name);
    json_.Int64(number);
  }
  void key(std::string_view name) {
    json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  void field_as_it_is(std::string_view name, std::string_view value, rapidjson::Type type) {
    key(name);
    json_.RawValue(value.data(), value.size(), type);
  }
  void quoted_field(std::string_view name, const std::string& value) {
    field_as_it_is(name, value, rapidjson::kStringType);
  }
  void name_field(const Span& span) { quoted_field("name", name_of_span(span)); }

  // Microseconds with exact nanoseconds; ns >= 0.
  void time_field(std::string_view name, std::int64_t ns) {
    char digits[] = ".000";
    for (int at = 3, left = static_cast<int>(ns % 1000); at > 0; --at, left /= 10)
      digits[at] = static_cast<char>('0' + left % 10);
    field_as_it_is(name, std::to_string(ns / 1000) + digits, rapidjson::kNumberType);
  }

  template <class F>
  void object(std::string_view name, const F& fields) {
    key(name);
    json_.StartObject();
    fields();
    json_.EndObject();
  }

  void lane_names() {
    int named_rank = -1;
    for (const Lane& lane : trace_.lanes) {
      if (lane.rank < 0 || lane.stream < 0 || lane.stream >= kMostStreams)
        fail(text("trace: rank ", lane.rank, " stream ", lane.stream, ": streams of a rank are 0..",
                  kMostStreams - 1));
      const auto says = [&](std::string_view what, std::string_view key, const Json& value) {
        const auto type = value.is_string() ? rapidjson::kStringType : rapidjson::kNumberType;
        event("M", [&] {
          field("name", what);
          track(lane);
          object("args", [&] { field_as_it_is(key, value.dump(), type); });
        });
      };
      if (lane.rank != named_rank) {
        says("process_name", "name", text("rank ", lane.rank));
        says("process_sort_index", "sort_index", lane.rank + 1);
        named_rank = lane.rank;
      }
      says("thread_name", "name", text("stream ", lane.stream, " ", lane.name));
      says("thread_sort_index", "sort_index", lane.stream + 1);
    }
  }

  void slices(const Span& span) {
    if (span.ready_ns > span.posted_ns) {
      event("X", [&] {
        field("cat", "wait");
        field("name", span.waits_for < 0 ? std::string("wait")
                                         : "wait for rank " + std::to_string(span.waits_for));
        track(lane_of(span));
        time_field("ts", span.posted_ns);
        time_field("dur", span.ready_ns - span.posted_ns);
      });
    }
    event("X", [&] {
      std::string category = "compute";
      if (is_communication(span.kind))
        category.assign("comm,").append(name_of(span.kind));
      else if (span.tags.phase != Phase::none)
        category.append(",").append(name_of(span.tags.phase));
      field("cat", category);
      name_field(span);
      track(lane_of(span));
      time_field("ts", span.ready_ns);
      time_field("dur", span.busy_ns());
      object("args", [&] { arguments(span); });
    });
  }

  // Only what differs from a Span's defaults.
  void arguments(const Span& span) {
    const auto unless = [&](std::int64_t absent, std::string_view name, std::int64_t value) {
      if (value != absent) field(name, value);
    };
    if (is_communication(span.kind)) field("Collective name", name_of(span.kind));
    if (span.group >= 0) {
      const auto group = static_cast<std::size_t>(span.group);
      field("Group size", trace_.groups[group].size());
      field("Process Group Name", std::to_string(trace_.groups[group].id));
      quoted_field("Process Group Description", axes_[group]);
      quoted_field("Process Group Ranks", ranks_[group]);
    }
    if (span.shape >= 0) quoted_field("shape", shapes_[static_cast<std::size_t>(span.shape)]);
    unless(-1, "Seq", span.sequence);
    unless(0, "bytes", span.bytes);
    if (span.flops != 0) {
      key("flops");
      json_.Double(span.flops);
    }
    unless(0, "wait_ns", span.ready_ns - span.posted_ns);
    unless(-1, "waits_for", span.waits_for);
    unless(-1, "step", span.tags.step);
    unless(-1, "stage", span.tags.stage);
    unless(-1, "microbatch", span.tags.microbatch);
    unless(-1, "layer", span.tags.layer);
    if (span.tags.phase != Phase::none) field("phase", name_of(span.tags.phase));
  }

  // All after the last slice: at equal times a reader binds an arrow to a slice it knows already.
  // The last rank is found by (group, rank, posted), for its posted is what the others call ready.
  // A slice of no length cannot hold an arrow's end.
  void arrows() {
    std::map<std::tuple<int, int, std::int64_t>, const Span*> arrivals;
    for (const Span& span : trace_.spans)
      if (span.group >= 0 && span.busy_ns() > 0)
        arrivals.emplace(std::tuple(span.group, lane_of(span).rank, span.posted_ns), &span);
    int id = 0;
    for (const Span& span : trace_.spans) {
      if (span.waits_for < 0 || span.ready_ns <= span.posted_ns || span.busy_ns() <= 0) continue;
      const auto last = arrivals.find({span.group, span.waits_for, span.ready_ns});
      if (last == arrivals.end() || last->second->ready_ns != span.ready_ns) continue;
      ++id;
      arrow("s", id, *last->second, span);
      arrow("f", id, span, span);
    }
  }

  void arrow(const char* phase, int id, const Span& at, const Span& named) {
    event(phase, [&] {
      if (*phase == 'f') field("bp", "e");
      field("cat", "comm");
      name_field(named);
      field("id", id);
      track(lane_of(at));
      time_field("ts", at.ready_ns);
    });
  }

  void put(std::string_view bytes) {
    std::memcpy(bytes_.Push(bytes.size()), bytes.data(), bytes.size());
  }
  void flush() {
    out_({bytes_.GetString(), bytes_.GetSize()});
    bytes_.Clear();
  }

  const Trace& trace_;
  Sink out_;
  std::vector<std::string> names_, shapes_, axes_, ranks_;  // quoted
  rapidjson::StringBuffer bytes_;                           // not yet in out_
  rapidjson::Writer<rapidjson::StringBuffer> json_;         // into bytes_
  bool is_first_ = true;
};

}  // namespace

void write_chrome_json(const Trace& trace, OutputFile& out) {
  out.open();
  Writer(trace, [&](std::string_view bytes) { out.write(bytes); }).write();
  out.commit();
}

void write_chrome_json(const Trace& trace, const std::string& file) {
  OutputFile out(file);
  write_chrome_json(trace, out);
}

std::string to_chrome_json(const Trace& trace) {
  std::string document;
  Writer(trace, [&](std::string_view bytes) { document += bytes; }).write();
  return document;
}

}  // namespace shardpipe
