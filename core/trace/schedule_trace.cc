#include "core/trace/schedule_trace.h"

#include <cmath>

#include "core/base/error.h"

namespace shardpipe {
namespace {

// Spans of one lane must not overlap: in a block, F takes its share first.
Interval drawn(const Schedule& schedule, const Timing& timing, const Costs& costs, std::size_t rank,
               std::size_t i) {
  const auto& order = schedule.ranks[rank];
  Interval interval = timing.ranks[rank][i];
  if (order[i].with_next) interval.end = interval.start + cost_of(order[i], schedule, costs);
  if (i > 0 && order[i - 1].with_next) interval.start += cost_of(order[i - 1], schedule, costs);
  return interval;
}

}  // namespace

Phase phase_of(ActionKind kind) {
  switch (kind) {
    case ActionKind::F: return Phase::forward;
    case ActionKind::B: return Phase::backward;
    case ActionKind::I: return Phase::backward_input;
    case ActionKind::W: return Phase::backward_weight;
  }
  return Phase::none;
}

Trace trace_of(const Schedule& schedule, const Timing& timing, const Costs& costs, double unit_ns) {
  if (timing.makespan * unit_ns > 9e18)
    usage_error(text("a makespan of ", timing.makespan, " units of ", unit_ns,
                     " ns is beyond what a trace can hold (int64 ns)"));
  const auto ns = [&](double time) { return std::llround(time * unit_ns); };
  Trace trace{.clock = "modelled", .wall_ns = ns(timing.makespan)};
  std::size_t actions = 0;
  for (const auto& order : schedule.ranks) actions += order.size();
  trace.spans.reserve(actions);
  trace.names.reserve(actions);
  for (std::size_t r = 0; r < schedule.ranks.size(); ++r) {
    const auto rank = static_cast<std::int32_t>(r);
    trace.lanes.push_back({.rank = rank, .stream = 0, .name = "compute"});
    for (std::size_t i = 0; i < schedule.ranks[r].size(); ++i) {
      const Action& a = schedule.ranks[r][i];
      const Interval interval = drawn(schedule, timing, costs, r, i);
      trace.spans.push_back(
          {.lane = rank,
           .name = static_cast<std::int32_t>(trace.names.size()),
           .tags = {.stage = a.stage, .microbatch = a.microbatch, .phase = phase_of(a.kind)},
           .posted_ns = ns(interval.start),
           .ready_ns = ns(interval.start),
           .end_ns = ns(interval.end)});
      trace.names.push_back(to_string(a));
    }
  }
  return trace;
}

}  // namespace shardpipe
