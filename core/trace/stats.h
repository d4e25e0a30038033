// Figures of a trace. Per rank: compute + exposed + idle = wall, exactly, in ns.
//   compute     at least one stream of the rank computes
//   overlapped  communication while it computes: lies under compute, costs nothing
//   exposed     communication while it does not
//   idle        the rest, split by cause
// A communication span is busy in [ready, end]; waiting for the last rank to come is idle time.
// "Overlap" is defined as in HTA (pytorch-labs/HolisticTraceAnalysis, communication_analysis).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/trace/critical_path.h"
#include "core/trace/trace.h"

namespace shardpipe {

struct IdleCause {
  std::string cause = {};  // "waits for rank 2", "before first operation", ...
  int rank = -1;           // the one waited for, if the cause is one
  std::int64_t ns = 0;
};

struct RankTime {
  std::int64_t compute_ns = 0, exposed_comm_ns = 0, overlapped_comm_ns = 0, idle_ns = 0;
  std::vector<IdleCause> idle_causes = {};  // sums to idle_ns
};

// All operations of one kind in the groups of one axis, as the rank sees them that entered most
// (of several such ranks: most bytes, then longest busy, then lowest). Operations count whole, also
// where they reach beyond the window.
struct CollectiveStats {
  std::string group = {};  // the axis
  OpKind kind = OpKind::barrier;
  std::int64_t calls = 0;
  std::int64_t bytes = 0;    // payload over all calls: the full tensors; exchange: bytes sent
  std::int64_t busy_ns = 0;  // from the last arrival to the end, over all calls
  double wire_bytes = 0;     // bytes times the bus factor of nccl-tests

  double algbw_bytes_per_s() const;  // bytes / busy; 0 if never busy
  double busbw_bytes_per_s() const;  // wire bytes / busy; comparable with a link's bandwidth
};

struct TraceStats {
  std::int64_t wall_ns = 0;
  std::vector<RankTime> ranks = {};               // by rank
  RankTime total = {};                            // summed over ranks: wall is ranks x wall_ns
  std::vector<CollectiveStats> collectives = {};  // by axis, then kind
  std::vector<PathStep> critical_path = {};
};

TraceStats statistics(const Trace& trace);

// Bus bandwidth over algorithm bandwidth for n ranks: nccl-tests, doc/PERFORMANCE.md.
double bus_factor(OpKind kind, int n);

// The document of `trace stats --json`. Seconds; a bandwidth of an operation never busy is null.
Json to_json(const TraceStats& stats, const Trace& trace);

// Tables of at most 100 columns, lines ended by '\n'; ranks as rank_rows (rank_rows.h).
std::string to_text(const TraceStats& stats, const Trace& trace, const std::string& ranks = "");

// Its parts without the first line and the table of communication.
std::string rank_times_text(const TraceStats& stats, const Trace& trace, const std::string& ranks);
std::string path_text(const TraceStats& stats);

}  // namespace shardpipe
