#include "core/trace/sweep.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace shardpipe {
namespace {

enum class What : std::uint8_t { compute, communicates, waits };

// Something begins (+1) or ends (-1).
struct Edge {
  std::int64_t at_ns = 0;
  int change = 0;
  What what = What::compute;
  Work work = Work::none;
  std::int32_t stage = -1;
  std::int32_t waits_for = -1;
};

// How many spans of each sort cover the present moment.
class Counts {
 public:
  void apply(const Edge& edge) {
    if (edge.what == What::compute) {
      compute_[static_cast<std::size_t>(edge.work)] += edge.change;
      if (edge.change > 0) stage_ = edge.stage;
    } else if (edge.what == What::communicates) {
      communicates_ += edge.change;
    } else if ((waits_[edge.waits_for] += edge.change) == 0) {
      waits_.erase(edge.waits_for);
    }
  }

  RankState piece(std::int64_t begin_ns, std::int64_t end_ns) const {
    RankState piece{.begin_ns = begin_ns, .end_ns = end_ns};
    for (const Work work :
         {Work::other, Work::backward_weight, Work::backward_input, Work::backward, Work::forward})
      if (compute_[static_cast<std::size_t>(work)] > 0) piece.compute = work;
    if (piece.compute != Work::none) piece.stage = stage_;
    piece.communicates = communicates_ > 0;
    piece.waits = !waits_.empty();
    if (const auto named = waits_.upper_bound(-1); named != waits_.end())
      piece.waits_for = named->first;
    return piece;
  }

 private:
  std::array<int, 6> compute_ = {};  // by Work
  std::int32_t stage_ = -1;
  int communicates_ = 0;
  std::map<std::int32_t, int> waits_;  // by the rank waited for; -1: not said
};

bool is_earlier(const Edge& a, const Edge& b) { return a.at_ns < b.at_ns; }

// edges[from..] are those of a further lane: in order, unless its spans overlap.
void merge_lane(std::vector<Edge>& edges, std::size_t from) {
  const auto lane = edges.begin() + static_cast<std::ptrdiff_t>(from);
  if (!std::is_sorted(lane, edges.end(), is_earlier)) std::sort(lane, edges.end(), is_earlier);
  std::inplace_merge(edges.begin(), lane, edges.end(), is_earlier);
}

std::vector<Edge> edges_of(const Trace& trace, int rank, std::int64_t begin_ns,
                           std::int64_t end_ns) {
  std::vector<Edge> edges;
  const auto add = [&](std::int64_t from, std::int64_t to, Edge edge) {
    from = std::max(from, begin_ns);
    to = std::min(to, end_ns);
    if (from >= to) return;
    edge.at_ns = from;
    edge.change = 1;
    edges.push_back(edge);
    edge.at_ns = to;
    edge.change = -1;
    edges.push_back(edge);
  };
  // Spans are ordered by lane and lanes by rank, so those of one rank lie side by side.
  const auto rank_of = [&](const Span& span) {
    return trace.lanes[static_cast<std::size_t>(span.lane)].rank;
  };
  const auto first = std::partition_point(trace.spans.begin(), trace.spans.end(),
                                          [&](const Span& span) { return rank_of(span) < rank; });
  const auto last = std::partition_point(first, trace.spans.end(),
                                         [&](const Span& span) { return rank_of(span) == rank; });
  edges.reserve(2 * static_cast<std::size_t>(last - first));  // more if they waited
  std::int32_t lane = -1;
  std::size_t lane_begin = 0;
  bool is_counted = false;
  for (auto at = first; at != last; ++at) {
    const Span& span = *at;
    if (span.lane != lane) {
      merge_lane(edges, std::exchange(lane_begin, edges.size()));
      lane = span.lane;
      const LaneKind kind = kind_of(trace.lanes[static_cast<std::size_t>(lane)]);
      is_counted = kind == LaneKind::compute || kind == LaneKind::comm;
    }
    if (!is_counted && !is_communication(span.kind)) continue;
    if (is_communication(span.kind)) {
      add(span.posted_ns, span.ready_ns, {.what = What::waits, .waits_for = span.waits_for});
      add(span.ready_ns, span.end_ns, {.what = What::communicates});
    } else {
      add(span.ready_ns, span.end_ns,
          {.what = What::compute, .work = work_of(span), .stage = span.tags.stage});
    }
  }
  merge_lane(edges, lane_begin);
  return edges;
}

}  // namespace

Work work_of(const Span& span) {
  if (is_communication(span.kind)) return Work::none;
  switch (span.tags.phase) {
    case Phase::forward: return Work::forward;
    case Phase::backward: return Work::backward;
    case Phase::backward_input: return Work::backward_input;
    case Phase::backward_weight: return Work::backward_weight;
    case Phase::none:
    case Phase::optimizer: return Work::other;
  }
  return Work::other;
}

std::vector<RankState> sweep(const Trace& trace, int rank, std::int64_t begin_ns,
                             std::int64_t end_ns) {
  std::vector<RankState> pieces;
  Counts counts;
  std::int64_t now_ns = begin_ns;
  const std::vector<Edge> edges = edges_of(trace, rank, begin_ns, end_ns);
  pieces.reserve(edges.size() + 1);
  for (const Edge& edge : edges) {
    if (edge.at_ns > now_ns) pieces.push_back(counts.piece(now_ns, edge.at_ns));
    now_ns = edge.at_ns;
    counts.apply(edge);
  }
  if (end_ns > now_ns) pieces.push_back(counts.piece(now_ns, end_ns));
  return pieces;
}

}  // namespace shardpipe
