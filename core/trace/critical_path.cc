#include "core/trace/critical_path.h"

#include <algorithm>

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
    while (!spans_.empty() && at(spans_.back()).end_ns > limit_ns) spans_.pop_back();
    if (spans_.empty()) return -1;
    // Of those that ended at the same time the one of `lane`, else the first: lowest lane.
    std::size_t choice = spans_.size() - 1;
    for (std::size_t i = choice; at(spans_[i]).end_ns == at(spans_.back()).end_ns; --i) {
      if (at(spans_[choice]).lane != lane) choice = i;
      if (i == 0) break;
    }
    const std::int32_t span = spans_[choice];
    spans_.erase(spans_.begin() + static_cast<std::ptrdiff_t>(choice));
    return span;
  }

 private:
  const Span& at(std::int32_t span) const { return trace_.spans[static_cast<std::size_t>(span)]; }

  const Trace& trace_;
  std::vector<std::int32_t> spans_;
};

}  // namespace

std::vector<PathStep> critical_path(const Trace& trace) {
  const auto rank_of = [&](const Span& span) {
    return trace.lanes[static_cast<std::size_t>(span.lane)].rank;
  };
  std::vector<SpansByEnd> ranks(static_cast<std::size_t>(trace.ranks()), SpansByEnd(trace));
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
        span.waits_for >= 0 && span.waits_for < trace.ranks() && span.ready_ns > span.posted_ns;
    const std::int32_t rank = other_came_last ? span.waits_for : rank_of(span);
    const std::int64_t limit_ns = other_came_last ? span.ready_ns : span.posted_ns;
    next = ranks[static_cast<std::size_t>(rank)].take(limit_ns, other_came_last ? -1 : span.lane);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace shardpipe
