#include "core/trace/stats.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "core/base/error.h"
#include "core/trace/sweep.h"

namespace shardpipe {
namespace {

// By cause, in the order they are reported: named ranks first, then the others.
using CauseKey = std::pair<int, std::int32_t>;
constexpr int kWaits = 0, kWaitsUnnamed = 1, kBefore = 2, kBetween = 3, kAfter = 4;

std::string cause_text(const CauseKey& key) {
  switch (key.first) {
    case kWaits: return text("waits for rank ", key.second);
    case kWaitsUnnamed: return "waits for another rank";
    case kBefore: return "before first operation";
    case kBetween: return "between operations";
    default: return "after last operation";
  }
}

using Causes = std::map<CauseKey, std::int64_t>;

std::vector<IdleCause> causes_list(const Causes& causes) {
  std::vector<IdleCause> list;
  for (const auto& [key, ns] : causes) list.push_back({cause_text(key), key.second, ns});
  return list;
}

bool is_gap(const RankState& piece) {
  return piece.compute == Work::none && !piece.communicates && !piece.waits;
}

RankTime rank_time(const std::vector<RankState>& pieces, Causes& causes) {
  const auto is_operation = [](const RankState& piece) { return !is_gap(piece); };
  const auto first = std::find_if(pieces.begin(), pieces.end(), is_operation);
  const auto last = std::find_if(pieces.rbegin(), pieces.rend(), is_operation).base();
  RankTime time;
  for (auto piece = pieces.begin(); piece != pieces.end(); ++piece) {
    const std::int64_t ns = piece->length_ns();
    if (piece->compute != Work::none) {
      time.compute_ns += ns;
      if (piece->communicates) time.overlapped_comm_ns += ns;
    } else if (piece->communicates) {
      time.exposed_comm_ns += ns;
    } else {
      time.idle_ns += ns;
      const CauseKey key = piece->waits_for >= 0 ? CauseKey{kWaits, piece->waits_for}
                           : piece->waits        ? CauseKey{kWaitsUnnamed, -1}
                           : piece < first       ? CauseKey{kBefore, -1}
                           : piece < last        ? CauseKey{kBetween, -1}
                                                 : CauseKey{kAfter, -1};
      causes[key] += ns;
    }
  }
  time.idle_causes = causes_list(causes);
  return time;
}

std::vector<CollectiveStats> collectives_of(const Trace& trace) {
  std::map<std::tuple<std::string, OpKind, int>, CollectiveStats> by_rank;
  for (const Span& span : trace.spans) {
    if (!is_communication(span.kind) || span.group < 0) continue;
    const Group& group = trace.groups[static_cast<std::size_t>(span.group)];
    const int rank = trace.lanes[static_cast<std::size_t>(span.lane)].rank;
    CollectiveStats& stats = by_rank[{group.axis, span.kind, rank}];
    stats.group = group.axis;
    stats.kind = span.kind;
    ++stats.calls;
    stats.bytes += span.bytes;
    stats.busy_ns += span.busy_ns();
    stats.wire_bytes += static_cast<double>(span.bytes) * bus_factor(span.kind, group.size());
  }
  const auto size = [](const CollectiveStats& s) {
    return std::tuple(s.calls, s.bytes, s.busy_ns);
  };
  std::vector<CollectiveStats> table;
  for (const auto& [key, stats] : by_rank) {
    const bool is_same_row =
        !table.empty() && table.back().group == stats.group && table.back().kind == stats.kind;
    if (!is_same_row)
      table.push_back(stats);
    else if (size(stats) > size(table.back()))
      table.back() = stats;
  }
  return table;
}

double per_second(double amount, std::int64_t ns) {
  return ns > 0 ? amount / (static_cast<double>(ns) * 1e-9) : 0;
}

}  // namespace

double CollectiveStats::algbw_bytes_per_s() const {
  return per_second(static_cast<double>(bytes), busy_ns);
}

double CollectiveStats::busbw_bytes_per_s() const { return per_second(wire_bytes, busy_ns); }

double bus_factor(OpKind kind, int n) {
  if (n < 1) return 0;
  switch (kind) {
    case OpKind::all_reduce: return 2.0 * (n - 1) / n;
    case OpKind::all_gather:
    case OpKind::reduce_scatter: return 1.0 * (n - 1) / n;
    case OpKind::exchange:
    case OpKind::broadcast: return 1;
    case OpKind::barrier:
    case OpKind::compute: return 0;
  }
  return 0;
}

TraceStats statistics(const Trace& trace) {
  TraceStats stats{.wall_ns = trace.wall_ns};
  Causes all_causes;
  const int ranks = trace.ranks();
  for (int rank = 0; rank < ranks; ++rank) {
    Causes causes;
    const RankTime time = rank_time(sweep(trace, rank, 0, trace.wall_ns), causes);
    stats.total.compute_ns += time.compute_ns;
    stats.total.exposed_comm_ns += time.exposed_comm_ns;
    stats.total.overlapped_comm_ns += time.overlapped_comm_ns;
    stats.total.idle_ns += time.idle_ns;
    for (const auto& [key, ns] : causes) all_causes[key] += ns;
    stats.ranks.push_back(time);
  }
  stats.total.idle_causes = causes_list(all_causes);
  stats.collectives = collectives_of(trace);
  stats.critical_path = critical_path(trace);
  return stats;
}

}  // namespace shardpipe
