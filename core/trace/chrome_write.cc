#include <cstdio>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "core/base/error.h"
#include "core/trace/atomic_file.h"
#include "core/trace/chrome_json.h"
#include "core/trace/metadata.h"

namespace shardpipe {
namespace {

using nlohmann::json;

constexpr int kMostStreams = 99;  // of a rank, so that tids of two ranks differ

std::string quoted(const std::string& value) {
  return json(value).dump(-1, ' ', false, json::error_handler_t::replace);
}

// Microseconds with exact nanoseconds; ns >= 0.
std::string us(std::int64_t ns) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%lld.%03lld", static_cast<long long>(ns / 1000),
                static_cast<long long>(ns % 1000));
  return buffer;
}

class Writer {
 public:
  using Sink = std::function<void(const std::string&)>;

  Writer(const Trace& trace, Sink out) : trace_(trace), out_(std::move(out)) {
    for (const std::string& name : trace.names) names_.push_back(quoted(name));
    for (const std::string& shape : trace.shapes) shapes_.push_back(quoted(shape));
  }

  void write() {
    out_("{\"displayTimeUnit\":\"ns\",\"baseTimeNanoseconds\":0,\n\"metadata\":" +
         metadata_of(trace_).dump(-1, ' ', false, json::error_handler_t::replace) +
         ",\n\"traceEvents\":[");
    lane_names();
    for (const Span& span : trace_.spans) slices(span);
    arrows();
    out_("\n]}\n");
  }

 private:
  const Lane& lane_of(const Span& span) const {
    return trace_.lanes[static_cast<std::size_t>(span.lane)];
  }
  const std::string& name_of_span(const Span& span) const {
    return names_[static_cast<std::size_t>(span.name)];
  }

  static std::string track(const Lane& lane) {
    return text("\"pid\":", lane.rank + 1, ",\"tid\":", (lane.rank + 1) * 100 + lane.stream + 1);
  }

  void event(const std::string& body) {
    out_((is_first_ ? "\n{" : ",\n{") + body + "}");
    is_first_ = false;
  }

  void lane_names() {
    int named_rank = -1;
    for (const Lane& lane : trace_.lanes) {
      if (lane.rank < 0 || lane.stream < 0 || lane.stream >= kMostStreams)
        fail(text("trace: rank ", lane.rank, " stream ", lane.stream, ": streams of a rank are 0..",
                  kMostStreams - 1));
      const auto meta = [&](const char* what, const std::string& args) {
        event(text("\"ph\":\"M\",\"name\":\"", what, "\",", track(lane), ",\"args\":{", args, "}"));
      };
      if (lane.rank != named_rank) {
        meta("process_name", text("\"name\":\"rank ", lane.rank, "\""));
        meta("process_sort_index", text("\"sort_index\":", lane.rank + 1));
        named_rank = lane.rank;
      }
      meta("thread_name", "\"name\":" + quoted(text("stream ", lane.stream, " ", lane.name)));
      meta("thread_sort_index", text("\"sort_index\":", lane.stream + 1));
    }
  }

  void slices(const Span& span) {
    const std::string where = track(lane_of(span));
    if (span.ready_ns > span.posted_ns) {
      const std::string peer = span.waits_for >= 0 ? text(" for rank ", span.waits_for) : "";
      event(text("\"ph\":\"X\",\"cat\":\"wait\",\"name\":\"wait", peer, "\",", where,
                 ",\"ts\":", us(span.posted_ns), ",\"dur\":", us(span.ready_ns - span.posted_ns)));
    }
    std::string category = "compute";
    if (is_communication(span.kind))
      category = text("comm,", name_of(span.kind));
    else if (span.tags.phase != Phase::none)
      category = text("compute,", name_of(span.tags.phase));
    event(text("\"ph\":\"X\",\"cat\":\"", category, "\",\"name\":", name_of_span(span), ",", where,
               ",\"ts\":", us(span.ready_ns), ",\"dur\":", us(span.busy_ns()), ",\"args\":{",
               arguments(span), "}"));
  }

  // Only what differs from a Span's defaults.
  std::string arguments(const Span& span) const {
    std::string args;
    const auto add = [&](const char* key, const std::string& value) {
      args += text(args.empty() ? "\"" : ",\"", key, "\":", value);
    };
    const auto add_index = [&](const char* key, std::int64_t value, std::int64_t absent) {
      if (value != absent) add(key, std::to_string(value));
    };
    if (is_communication(span.kind)) add("Collective name", text("\"", name_of(span.kind), "\""));
    if (span.group >= 0) {
      const Group& group = trace_.groups[static_cast<std::size_t>(span.group)];
      add("Group size", std::to_string(group.size()));
      add("Process Group Name", text("\"", group.id, "\""));
      add("Process Group Description", quoted(group.axis));
      add("Process Group Ranks", quoted(json(group.ranks).dump()));
    }
    if (span.shape >= 0) add("shape", shapes_[static_cast<std::size_t>(span.shape)]);
    add_index("Seq", span.sequence, -1);
    add_index("bytes", span.bytes, 0);
    if (span.flops != 0) add("flops", json(span.flops).dump());
    add_index("wait_ns", span.ready_ns - span.posted_ns, 0);
    add_index("waits_for", span.waits_for, -1);
    add_index("step", span.tags.step, -1);
    add_index("stage", span.tags.stage, -1);
    add_index("microbatch", span.tags.microbatch, -1);
    add_index("layer", span.tags.layer, -1);
    if (span.tags.phase != Phase::none) add("phase", text("\"", name_of(span.tags.phase), "\""));
    return args;
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
      arrow("\"ph\":\"s\"", id, *last->second, span);
      arrow("\"ph\":\"f\",\"bp\":\"e\"", id, span, span);
    }
  }

  void arrow(const char* phase, int id, const Span& at, const Span& named) {
    event(text(phase, ",\"cat\":\"comm\",\"name\":", name_of_span(named), ",\"id\":", id, ",",
               track(lane_of(at)), ",\"ts\":", us(at.ready_ns)));
  }

  const Trace& trace_;
  Sink out_;
  std::vector<std::string> names_, shapes_;  // quoted
  bool is_first_ = true;
};

}  // namespace

void write_chrome_json(const Trace& trace, const std::string& file) {
  AtomicFile out(file);
  Writer(trace, [&](const std::string& bytes) { out.write(bytes); }).write();
  out.commit();
}

std::string to_chrome_json(const Trace& trace) {
  std::string document;
  Writer(trace, [&](const std::string& bytes) { document += bytes; }).write();
  return document;
}

}  // namespace shardpipe
