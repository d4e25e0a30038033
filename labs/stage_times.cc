#include "labs/stage_times.h"

#include <map>
#include <set>

namespace shardpipe {
namespace {

struct Seen {
  std::int32_t rank = 0;  // the lowest that has the stage
  std::set<std::int32_t> layers = {};
  std::set<std::pair<int, int>> forwards = {};  // of a step and a micro-batch
  std::map<Phase, std::int64_t> busy_ns = {};
};

StageTime time_of(Seen& seen) {
  const double passes = static_cast<double>(seen.forwards.size());
  const auto seconds = [&](Phase phase) {
    return passes > 0 ? static_cast<double>(seen.busy_ns[phase]) * 1e-9 / passes : 0;
  };
  return {.layers = static_cast<int>(seen.layers.size()),
          .forward_s = seconds(Phase::forward),
          .backward_s = seconds(Phase::backward),
          .input_gradient_s = seconds(Phase::backward_input),
          .weight_gradient_s = seconds(Phase::backward_weight)};
}

}  // namespace

std::vector<StageTime> stage_times(const Trace& trace) {
  std::map<std::int32_t, Seen> stages;
  for (const Span& span : trace.spans) {  // by rank
    const Tags& tags = span.tags;
    if (tags.stage < 0 || tags.microbatch < 0 || span.kind == OpKind::exchange) continue;
    const std::int32_t rank = trace.lanes[static_cast<std::size_t>(span.lane)].rank;
    Seen& seen = stages.try_emplace(tags.stage, Seen{.rank = rank}).first->second;
    if (seen.rank != rank) continue;
    if (tags.layer >= 0) seen.layers.insert(tags.layer);
    if (tags.phase == Phase::forward) seen.forwards.insert({tags.step, tags.microbatch});
    seen.busy_ns[tags.phase] += span.busy_ns();
  }
  std::vector<StageTime> times;
  for (auto& [number, seen] : stages) times.push_back(time_of(seen));
  return times;
}

}  // namespace shardpipe
