#include "core/trace/critical_path.h"

#include <algorithm>
#include <deque>
#include <map>

namespace shardpipe {
namespace {

// The spans of one rank by (end, place in the trace), used up from the back as the walk passes:
// so no span is taken twice, and the walk ends, also among spans of no length.
class SpansByEnd {
 public:
  explicit SpansByEnd(const Trace& trace) : trace_(trace) {}

  void add(std::int32_t span) { spans_.push_back(span); }

  void sort() {
    std::sort(spans_.begin(), spans_.end(), [this](std::int32_t a, std::int32_t b) {
      return at(a).end_ns != at(b).end_ns ? at(a).end_ns < at(b).end_ns : a < b;
    });
  }

  // The span that ended last up to `limit_ns`, if possible on `lane`; -1 if there is none.
  std::int32_t take(std::int64_t limit_ns, std::int32_t lane) {
    if (!latest_.empty() && at(latest_.begin()->second.front()).end_ns > limit_ns) latest_.clear();
    while (!spans_.empty() && at(spans_.back()).end_ns > limit_ns) spans_.pop_back();
    if (latest_.empty()) take_latest();
    if (latest_.empty()) return -1;
    // Of those that ended at the same time the last of `lane`, else the first: lowest lane.
    const auto own = latest_.find(lane);
    const auto of = own == latest_.end() ? latest_.begin() : own;
    std::deque<std::int32_t>& spans = of->second;
    const std::int32_t span = own == latest_.end() ? spans.front() : spans.back();
    own == latest_.end() ? spans.pop_front() : spans.pop_back();
    if (spans.empty()) latest_.erase(of);
    return span;
  }

 private:
  const Span& at(std::int32_t span) const { return trace_.spans[static_cast<std::size_t>(span)]; }

  void take_latest() {
    while (!spans_.empty()) {
      const std::int32_t span = spans_.back();
      if (!latest_.empty() && at(span).end_ns != at(latest_.begin()->second.front()).end_ns) return;
      latest_[at(span).lane].push_front(span);
      spans_.pop_back();
    }
  }

  const Trace& trace_;
  std::vector<std::int32_t> spans_;
  // Those that ended last, all at the same time, by lane: of a million of no length, too, each is
  // looked at once.
  std::map<std::int32_t, std::deque<std::int32_t>> latest_;
};

}  // namespace

std::vector<PathStep> critical_path(const Trace& trace) {
  const auto rank_of = [&](const Span& span) {
    return trace.lanes[static_cast<std::size_t>(span.lane)].rank;
  };
  const int num_ranks = trace.ranks();
  std::vector<SpansByEnd> ranks(static_cast<std::size_t>(num_ranks), SpansByEnd(trace));
  std::vector<bool> is_work;  // by lane: what the host calls or marks is not on the path
  for (const Lane& lane : trace.lanes) is_work.push_back(kind_of(lane) != LaneKind::host);
  std::int32_t last = -1;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(trace.spans.size()); ++i) {
    const Span& span = trace.spans[static_cast<std::size_t>(i)];
    if (!is_work[static_cast<std::size_t>(span.lane)]) continue;
    ranks[static_cast<std::size_t>(rank_of(span))].add(i);
    if (last < 0 || span.end_ns > trace.spans[static_cast<std::size_t>(last)].end_ns) last = i;
  }
  for (SpansByEnd& spans : ranks) spans.sort();
  if (last < 0) return {};

  std::vector<PathStep> path;
  const Span& end = trace.spans[static_cast<std::size_t>(last)];
  std::int32_t next = ranks[static_cast<std::size_t>(rank_of(end))].take(end.end_ns, end.lane);
  while (next >= 0) {
    const Span& span = trace.spans[static_cast<std::size_t>(next)];
    path.push_back({rank_of(span), next, trace.names[static_cast<std::size_t>(span.name)],
                    span.ready_ns, span.end_ns});
    const bool other_came_last =
        span.waits_for >= 0 && span.waits_for < num_ranks && span.ready_ns > span.posted_ns;
    const std::int32_t rank = other_came_last ? span.waits_for : rank_of(span);
    const std::int64_t limit_ns = other_came_last ? span.ready_ns : span.posted_ns;
    next = ranks[static_cast<std::size_t>(rank)].take(limit_ns, other_came_last ? -1 : span.lane);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace shardpipe
