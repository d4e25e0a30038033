// What is asked of a whole trace, as tables.
#pragma once

#include "viz/model/comparison.h"
#include "viz/model/table.h"

namespace shardpipe::viz {

// Rows of a table that could grow without end.
constexpr std::size_t kMostRows = 10;

// core/trace/what_if.h: the wall time if each kind of operation took no time.
Table what_if_table(const Trace& trace);

// For each name of an operation: how long it was busy over all ranks, how long the profile says it
// should have been, and the ratio; the largest time first. `hardware`: a profile, or "": that of
// the trace. Below, what a pipeline's step took beside its own schedule without disturbance
// (core/trace/ideal_schedule.h).
// A profile prices matrix products by their dtype, which a trace does not hold: bf16 is taken for
// modelled traces, f32 for measured ones. What only receives has no bytes of its own and is left
// out. One row that says why where there is no profile. usage_error for a profile that is unknown.
Table prediction_table(const Trace& trace, const std::string& hardware);

// Means of the ranks, and the operations that differ most.
Table times_table(const Comparison& comparison, const std::string& a, const std::string& b);
Table operations_table(const Comparison& comparison, const std::string& a, const std::string& b);

}  // namespace shardpipe::viz
