#include "tests/trace/chrome_lint.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/base/error.h"

namespace shardpipe {
namespace {

using nlohmann::json;
using Track = std::pair<int, int>;  // pid, tid
using FlowKey = std::tuple<std::string, std::string, int>;

struct Row {
  std::int64_t ns = 0;
  const json* event = nullptr;
};

struct Slice {
  std::int64_t begin_ns = 0, end_ns = 0;
};

class Linter {
 public:
  LintReport run(const json& document) {
    for (const json& event : document.at("traceEvents")) read(event);
    // By time, and at equal times in the order of the file, as Perfetto's sorter.
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Row& a, const Row& b) { return a.ns < b.ns; });
    for (const Row& row : rows_) replay(row);
    for (const auto& [key, is_bound] : flows_)
      if (!is_bound) error("flow without an end");
    return report_;
  }

 private:
  void error(const std::string& what) {
    report_.errors.push_back(at_ == nullptr ? what : what + ": " + at_->dump());
  }

  void read(const json& event) {
    at_ = &event;
    if (!event.contains("ph")) return error("no ph");
    if (event["ph"] == "M") return;
    if (!event.contains("ts")) return error("no ts");
    if (event.value("tid", 0) == 0) error("tid 0 becomes tid = pid");
    if (event["ph"] == "X" && !event.contains("dur")) error("X without dur");
    const std::int64_t ns = std::llround(event["ts"].get<double>() * 1000);
    if (ns < 0) error("negative ts");
    rows_.push_back({ns, &event});
  }

  void replay(const Row& row) {
    at_ = row.event;
    const json& event = *row.event;
    const Track track = {event.at("pid"), event.at("tid")};
    if (owner_.emplace(track.second, track.first).first->second != track.first)
      error("tid used by two pids");
    const std::string phase = event.at("ph");
    if (phase == "X")
      slice(row.ns, event, stacks_[track]);
    else if (phase == "s" || phase == "f")
      flow(row.ns, event, stacks_[track]);
    else
      error("unexpected ph");
  }

  void slice(std::int64_t ns, const json& event, std::vector<Slice>& stack) {
    ++report_.slices;
    const std::int64_t end = ns + std::llround(event.at("dur").get<double>() * 1000);
    while (!stack.empty() && stack.back().end_ns <= ns) stack.pop_back();
    if (!stack.empty() && end > stack.back().end_ns) error("partial overlap");
    stack.push_back({ns, end});
  }

  void flow(std::int64_t ns, const json& event, const std::vector<Slice>& stack) {
    const FlowKey key = {event.at("cat"), event.at("name"), event.at("id")};
    if (stack.empty() || ns < stack.back().begin_ns || ns > stack.back().end_ns)
      return error("no slice around a flow's point");
    if (event["ph"] == "s") {
      if (!ids_.insert(event["id"].get<int>()).second) error("flow id used twice");
      flows_[key] = false;
      return;
    }
    if (event.value("bp", "") != "e") error("without bp:e it binds to the next slice");
    const auto start = flows_.find(key);
    if (start == flows_.end()) return error("flow ends without a start");
    if (start->second) error("flow ends twice");
    start->second = true;
    ++report_.flows;
  }

  LintReport report_;
  const json* at_ = nullptr;
  std::vector<Row> rows_;
  std::map<Track, std::vector<Slice>> stacks_;
  std::map<int, int> owner_;       // pid of a tid
  std::map<FlowKey, bool> flows_;  // bound?
  std::set<int> ids_;
};

}  // namespace

LintReport lint_chrome(const json& document) { return Linter().run(document); }

}  // namespace shardpipe
