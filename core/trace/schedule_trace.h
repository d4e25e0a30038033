// A pipeline schedule and its timing as a trace: what a run on a machine with these costs would
// have recorded. So pictures, statistics and questions are the same for both.
#pragma once

#include "core/schedule/simulator.h"
#include "core/trace/trace.h"

namespace shardpipe {

// One unit of cost as drawn; the default is a millisecond.
constexpr double kUnitOfCost_ns = 1e6;

// One lane a rank, one span an action, named as the schedule names it ("2F0") and tagged with
// stage, micro-batch and phase. Of a block (Action::with_next) F is drawn first, then B.
// usage_error if the makespan is beyond int64 ns.
Trace trace_of(const Schedule& schedule, const Timing& timing, const Costs& costs,
               double unit_ns = kUnitOfCost_ns);

Phase phase_of(ActionKind kind);

}  // namespace shardpipe
