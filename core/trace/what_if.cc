#include "core/trace/what_if.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/error.h"

namespace shardpipe {
namespace {

// What a span must wait for, as it was and as it is now. The span keeps the time by which it came
// later than that.
struct Latest {
  std::int64_t was_ns = -1, is_ns = -1;

  void add(std::int64_t was, std::int64_t is) {
    was_ns = std::max(was_ns, was);
    is_ns = std::max(is_ns, is);
  }
  std::int64_t moved_ns() const { return is_ns - was_ns; }
};

class Rerun {
 public:
  Rerun(const Dependencies& dependencies, const WhatIf::Factor& factor, bool is_least)
      : dependencies_(dependencies), factor_(factor), is_least_(is_least) {
    for (const Span& s : dependencies.trace().spans) {
      posted_ns_.push_back(s.posted_ns);
      end_ns_.push_back(s.end_ns);
    }
  }

  std::int64_t wall_ns() {
    for (const Dependencies::Moment& moment : dependencies_.order())
      moment.is_end ? end(moment.span) : post(moment.span);
    const Trace& trace = dependencies_.trace();
    Latest last;
    for (std::size_t i = 0; i < end_ns_.size(); ++i) last.add(trace.spans[i].end_ns, end_ns_[i]);
    return std::max<std::int64_t>(0, trace.wall_ns + last.moved_ns());
  }

 private:
  static std::size_t at(std::int32_t span) { return static_cast<std::size_t>(span); }
  const Span& span(std::int32_t i) const { return dependencies_.trace().spans[at(i)]; }

  void post(std::int32_t i) {
    Latest cause, one_of_these;
    for (const Cause& c : dependencies_.causes(i)) {
      const std::int64_t was_ns = span(c.span).end_ns + c.delay_ns;
      const std::int64_t is_ns = end_ns_[at(c.span)] + c.delay_ns;
      if (!is_least_ || c.what == Cause::What::certain)
        cause.add(was_ns, is_ns);
      else if (c.what == Cause::What::one_of_these)  // at least: the first of them
        one_of_these = {was_ns,
                        one_of_these.is_ns < 0 ? is_ns : std::min(is_ns, one_of_these.is_ns)};
    }
    cause.add(one_of_these.was_ns, one_of_these.is_ns);
    if (cause.was_ns >= 0) posted_ns_[at(i)] = span(i).posted_ns + cause.moved_ns();
  }

  void end(std::int32_t i) {
    const Span& s = span(i);
    Latest arrival;
    arrival.add(s.posted_ns, posted_ns_[at(i)]);
    for (const std::int32_t p : dependencies_.partners(i))
      arrival.add(span(p).posted_ns, posted_ns_[at(p)]);
    const double busy_ns = factor_(s) * static_cast<double>(s.busy_ns());
    end_ns_[at(i)] = s.ready_ns + arrival.moved_ns() + std::llround(busy_ns);
  }

  const Dependencies& dependencies_;
  const WhatIf::Factor& factor_;
  bool is_least_;
  std::vector<std::int64_t> posted_ns_, end_ns_;  // by span: as they are now
};

const char* name_of_work(Phase phase) {
  switch (phase) {
    case Phase::forward: return "forward";
    case Phase::backward: return "backward";
    case Phase::backward_input: return "input gradient";
    case Phase::backward_weight: return "weight gradient";
    case Phase::optimizer: return "optimizer";
    case Phase::none: return "other compute";
  }
  return "";
}

// The spans of each row, in the order in which rows that mean the same are preferred.
class Choices {
 public:
  using Spans = std::vector<std::int32_t>;

  explicit Choices(const Trace& trace) : trace_(trace) {
    for (std::size_t i = 0; i < trace.spans.size(); ++i)
      if (trace.spans[i].busy_ns() > 0) sort_in(static_cast<std::int32_t>(i));
    std::vector<std::string> kinds = longest(kinds_, kMostKinds);
    std::sort(kinds.begin(), kinds.end());
    for (const std::string& what : kinds) add(what, std::move(kinds_[what]));
    add("all communication", std::move(communication_));
    for (const std::int32_t rank : longest(ranks_, kMostOfASort))
      add(text("compute of rank ", rank), std::move(ranks_[rank]));
    for (const std::int32_t name : longest(names_, kMostOfASort))
      add(trace.names[static_cast<std::size_t>(name)], std::move(names_[name]));
  }

  const std::vector<std::pair<std::string, Spans>>& rows() const { return rows_; }

  std::int64_t busy_ns(const Spans& spans) const {
    std::int64_t ns = 0;
    for (const std::int32_t i : spans) ns += trace_.spans[static_cast<std::size_t>(i)].busy_ns();
    return ns;
  }

 private:
  void sort_in(std::int32_t i) {
    const Span& s = trace_.spans[static_cast<std::size_t>(i)];
    names_[s.name].push_back(i);
    if (!is_communication(s.kind)) {
      kinds_[name_of_work(s.tags.phase)].push_back(i);
      ranks_[trace_.lanes[static_cast<std::size_t>(s.lane)].rank].push_back(i);
      return;
    }
    communication_.push_back(i);
    const std::string axis =
        s.group < 0 ? "" : " of " + trace_.groups[static_cast<std::size_t>(s.group)].axis;
    kinds_[name_of(s.kind) + axis].push_back(i);
  }

  void add(const std::string& what, Spans spans) {
    if (!spans.empty() && known_.insert(spans).second) rows_.emplace_back(what, std::move(spans));
  }

  static constexpr std::size_t kMostOfASort = 5;
  static constexpr std::size_t kMostKinds = 24;  // each row is a run: a trace may have 1e5 groups

  // The keys of those that are busy longest.
  template <class Key>
  std::vector<Key> longest(const std::map<Key, Spans>& all, std::size_t most) const {
    std::vector<std::pair<std::int64_t, Key>> sorted;
    for (const auto& [key, spans] : all) sorted.emplace_back(-busy_ns(spans), key);
    std::sort(sorted.begin(), sorted.end());
    if (sorted.size() > most) sorted.resize(most);
    std::vector<Key> keys;
    for (const auto& [busy, key] : sorted) keys.push_back(key);
    return keys;
  }

  const Trace& trace_;
  std::map<std::string, Spans> kinds_;
  std::map<std::int32_t, Spans> ranks_, names_;
  Spans communication_;
  std::set<Spans> known_;
  std::vector<std::pair<std::string, Spans>> rows_;
};

}  // namespace

WallBounds WhatIf::wall_if(const Factor& factor) const {
  const std::int64_t least_ns = Rerun(dependencies_, factor, true).wall_ns();
  const std::int64_t most_ns = Rerun(dependencies_, factor, false).wall_ns();
  return {std::min(least_ns, most_ns), most_ns};
}

std::vector<WhatIfRow> what_if_free(const Trace& trace) {
  const WhatIf what_if(trace);
  const Choices choices(trace);
  std::vector<WhatIfRow> rows;
  std::vector<char> is_free(trace.spans.size());
  for (const auto& [what, spans] : choices.rows()) {
    for (const std::int32_t i : spans) is_free[static_cast<std::size_t>(i)] = 1;
    const auto factor = [&](const Span& s) {
      return is_free[static_cast<std::size_t>(&s - trace.spans.data())] != 0 ? 0.0 : 1.0;
    };
    rows.push_back({what, choices.busy_ns(spans), what_if.wall_if(factor)});
    for (const std::int32_t i : spans) is_free[static_cast<std::size_t>(i)] = 0;
  }
  std::stable_sort(rows.begin(), rows.end(), [](const WhatIfRow& a, const WhatIfRow& b) {
    return a.wall.least_ns + a.wall.most_ns < b.wall.least_ns + b.wall.most_ns;
  });
  return rows;
}

}  // namespace shardpipe
