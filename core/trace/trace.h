// Trace: what ran where and when. All backends fill the same record, so measured and modelled runs
// can be drawn one above the other. Times are integer nanoseconds from the start of the window.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/device/op_info.h"

namespace shardpipe {

struct Span {
  std::int32_t lane = 0;    // index into Trace::lanes
  std::int32_t name = 0;    // index into Trace::names
  std::int32_t group = -1;  // index into Trace::groups; -1: compute
  OpKind kind = OpKind::compute;
  Tags tags = {};
  std::int64_t sequence = -1;  // collectives: position in the group. exchange: -1
  std::int64_t bytes = 0;
  double flops = 0;
  // posted: this rank came to it. ready: the last participant came. Busy is [ready, end];
  // [posted, ready] is idle with the cause "waits for rank r". Compute: posted == ready.
  std::int64_t posted_ns = 0, ready_ns = 0, end_ns = 0;
  std::int32_t waits_for = -1;  // the rank that came last, if not this one
  std::int32_t shape = -1;      // index into Trace::shapes; -1: not said

  std::int64_t busy_ns() const { return end_ns - ready_ns; }
};

struct Lane {
  std::int32_t rank = 0;
  std::int32_t stream = 0;  // number of the stream on its rank: 0 compute, 1 comm, ...
  std::string name = {};    // "compute", "comm"
};

struct Trace {
  std::string clock = "measured";  // or "modelled"
  std::string hardware = {};       // profile name of a modelled trace
  std::int64_t wall_ns = 0;        // length of the window, the same for all ranks
  // Ranks on several clocks: how far a rank's times may be from those of rank 0. 0: one clock.
  std::int64_t clock_error_ns = 0;
  std::vector<std::string> names = {};
  std::vector<std::string> shapes = {};  // "[4096, 1024]", "[4096, 512] x [512, 1024]"
  std::vector<Group> groups = {};
  std::vector<Lane> lanes = {};  // ordered by rank, then stream
  std::vector<Span> spans = {};  // ordered by lane, then posted_ns

  int ranks() const;  // looks at all lanes
  void sort_spans();  // into the order above; those of equal keys stay as they are
};

// Ends the name of an operation that had begun, and not ended, when its run failed. All of its time
// is waiting, up to the moment of the failure.
inline constexpr const char* kNeverEnded = " (never ended)";
bool never_ended(const Trace& trace, const Span& span);

// What keeps `span` from being one of `trace`, for what is read from files: "its lane is not in the
// trace", "it ends before it begins". "" if nothing does.
std::string fault_of(const Span& span, const Trace& trace, int ranks);

// What a lane is for, by its name; what it does not say is compute. Operations of copy and host
// lanes are shown, and count neither as compute nor as communication.
enum class LaneKind : std::uint8_t { compute, comm, copy, host };

LaneKind kind_of(const Lane& lane);

}  // namespace shardpipe
