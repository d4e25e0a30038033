// Events are taken one by one while the file is parsed and dropped at once: the document, several
// times the size of the file, never exists.
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/trace/chrome_json.h"
#include "core/trace/file.h"

namespace shardpipe {
namespace {

using nlohmann::json;

constexpr int kLastRank = 999999;  // far beyond any trace, and its tid fits into 32 bits

// The value of an enum by its printed name. `last`: its last enumerator.
template <class Enum>
std::optional<Enum> enum_of(const std::string& name, Enum last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (name == name_of(static_cast<Enum>(i))) return static_cast<Enum>(i);
  return {};
}

std::int64_t ns_of(const json& us) { return std::llround(us.get<double>() * 1000); }

// "[json.exception.type_error.302] type must be ..." without the bracket.
std::string reason(const json::exception& e) {
  const std::string what = e.what();
  const std::size_t bracket = what.find("] ");
  return bracket == std::string::npos ? what : what.substr(bracket + 2);
}

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Trace read() {
    const std::string bytes = file_bytes(file_);
    json document;
    try {
      document = json::parse(bytes, [this](int depth, json::parse_event_t event, json& value) {
        return keep(depth, event, value);
      });
    } catch (const json::parse_error& e) {
      bad(text("not JSON at byte ", e.byte, ": ", reason(e)));
    }
    if (!document.is_object() || !document.contains("traceEvents")) bad("no \"traceEvents\"");
    if (!document.contains("metadata") || !document["metadata"].is_object() ||
        document["metadata"].value("schema", json()) != "shardpipe-trace-1")
      bad("no \"metadata\" with \"schema\":\"shardpipe-trace-1\": written by another program?");
    try {
      tables(document["metadata"]);
    } catch (const json::exception& e) {
      bad(text("metadata: ", reason(e)));
    }
    resolve();
    return std::move(trace_);
  }

 private:
  [[noreturn]] void bad(const std::string& what) const { usage_error(file_ + ": " + what); }

  // Called by the parser. False: the value is not kept in the document.
  bool keep(int depth, json::parse_event_t event, json& value) {
    if (depth == 1 && event == json::parse_event_t::key) section_ = value.get<std::string>();
    if (depth != 2 || event != json::parse_event_t::object_end || section_ != "traceEvents")
      return true;
    try {
      if (value.at("ph") == "X" && value.at("cat") != "wait") slice(value);
    } catch (const json::exception& e) {
      bad(text("event ", num_events_, ": ", reason(e)));
    }
    ++num_events_;
    return false;
  }

  // `lane` and `group` hold the file's tid and group id until resolve().
  void slice(const json& event) {
    const json args = event.value("args", json::object());
    Span span{.lane = event.at("tid").get<std::int32_t>(), .kind = kind_of(event.at("cat"))};
    const std::string name = event.at("name");
    const auto [at, is_new] =
        name_index_.emplace(name, static_cast<std::int32_t>(name_index_.size()));
    if (is_new) raw_names_.push_back(name);
    span.name = at->second;
    if (args.contains("Process Group Name")) {
      const std::string id = args["Process Group Name"];
      span.group = integer(id);
    }
    span.sequence = args.value("Seq", span.sequence);
    span.bytes = args.value("bytes", span.bytes);
    span.flops = args.value("flops", span.flops);
    span.waits_for = args.value("waits_for", span.waits_for);
    span.tags = {.step = args.value("step", -1),
                 .stage = args.value("stage", -1),
                 .microbatch = args.value("microbatch", -1),
                 .layer = args.value("layer", -1),
                 .phase = phase_of(args.value("phase", "none"))};
    span.ready_ns = ns_of(event.at("ts"));
    span.posted_ns = span.ready_ns - args.value("wait_ns", std::int64_t{0});
    span.end_ns = span.ready_ns + ns_of(event.at("dur"));
    if (span.posted_ns > span.ready_ns || span.end_ns < span.ready_ns)
      bad(text("event ", num_events_, ": wait_ns and dur must not be negative"));
    trace_.spans.push_back(span);
  }

  std::int32_t integer(const std::string& digits) const {
    try {
      return std::stoi(digits);
    } catch (const std::exception&) {
      bad(text("event ", num_events_, ": Process Group Name \"", digits, "\" is not a number"));
    }
  }

  OpKind kind_of(const std::string& category) const {
    if (category.rfind("compute", 0) == 0) return OpKind::compute;
    const auto kind = category.rfind("comm,", 0) == 0 ? enum_of(category.substr(5), OpKind::barrier)
                                                      : std::nullopt;
    if (!kind) bad(text("event ", num_events_, ": unknown category \"", category, "\""));
    return *kind;
  }

  Phase phase_of(const std::string& name) const {
    const auto phase = enum_of(name, Phase::optimizer);
    if (!phase) bad(text("event ", num_events_, ": unknown phase \"", name, "\""));
    return *phase;
  }

  void tables(const json& metadata) {
    trace_.clock = metadata.at("clock");
    trace_.hardware = metadata.at("hardware");
    trace_.wall_ns = metadata.at("wall_ns");
    trace_.clock_error_ns = metadata.value("clock_error_ns", std::int64_t{0});
    trace_.names = metadata.at("names").get<std::vector<std::string>>();
    for (const json& lane : metadata.at("lanes"))
      trace_.lanes.push_back({lane.at("rank"), lane.at("stream"), lane.at("name")});
    for (const json& group : metadata.at("groups"))
      trace_.groups.push_back({group.at("id"), group.at("axis"), group.at("ranks")});
    if (trace_.wall_ns < 0) bad(text("metadata: wall_ns is ", trace_.wall_ns));
    for (const Lane& lane : trace_.lanes)
      if (lane.rank < 0 || lane.rank > kLastRank || lane.stream < 0 || lane.stream > 98)
        bad(text("metadata: lane of rank ", lane.rank, " stream ", lane.stream, ": ranks are 0..",
                 kLastRank, ", streams 0..98"));
  }

  // From tids, group ids and names of the events to indices into the tables.
  void resolve() {
    std::map<std::int32_t, std::int32_t> lane_of, group_of;
    for (std::size_t i = 0; i < trace_.lanes.size(); ++i) {
      const Lane& lane = trace_.lanes[i];
      lane_of[(lane.rank + 1) * 100 + lane.stream + 1] = static_cast<std::int32_t>(i);
    }
    for (std::size_t i = 0; i < trace_.groups.size(); ++i)
      group_of[trace_.groups[i].id] = static_cast<std::int32_t>(i);
    std::unordered_map<std::string, std::int32_t> name_of_table;
    for (std::size_t i = 0; i < trace_.names.size(); ++i)
      name_of_table.emplace(trace_.names[i], static_cast<std::int32_t>(i));
    std::vector<std::int32_t> names;
    for (const std::string& name : raw_names_) {
      const auto at = name_of_table.find(name);
      if (at == name_of_table.end()) bad(text("name \"", name, "\" is not in metadata.names"));
      names.push_back(at->second);
    }
    const auto index = [this](const std::map<std::int32_t, std::int32_t>& table, std::int32_t key,
                              const char* what) {
      const auto at = table.find(key);
      if (at == table.end()) bad(text(what, " ", key, " is not in metadata"));
      return at->second;
    };
    for (Span& span : trace_.spans) {
      span.lane = index(lane_of, span.lane, "tid");
      span.name = names[static_cast<std::size_t>(span.name)];
      if (span.group != -1) span.group = index(group_of, span.group, "process group");
    }
    std::stable_sort(trace_.spans.begin(), trace_.spans.end(), [](const Span& a, const Span& b) {
      return std::pair(a.lane, a.posted_ns) < std::pair(b.lane, b.posted_ns);
    });
  }

  const std::string file_;
  Trace trace_;
  std::string section_;  // the key of the document we are in
  std::int64_t num_events_ = 0;
  std::vector<std::string> raw_names_;
  std::unordered_map<std::string, std::int32_t> name_index_;
};

}  // namespace

Trace read_chrome_json(const std::string& file) { return Reader(file).read(); }

}  // namespace shardpipe
