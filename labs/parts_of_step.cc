#include "labs/parts_of_step.h"

#include <algorithm>

#include "core/trace/stats.h"

namespace shardpipe {
namespace {

struct Done {
  double work = 0, busy_ns = 0;
};

std::map<std::string, Done> compute_by_name(const Trace& trace) {
  std::map<std::string, Done> all;
  for (const Span& span : trace.spans) {
    if (is_communication(span.kind)) continue;
    if (kind_of(trace.lanes[static_cast<std::size_t>(span.lane)]) == LaneKind::host) continue;
    Done& done = all[trace.names[static_cast<std::size_t>(span.name)]];
    done.work += span.flops > 0 ? span.flops : static_cast<double>(span.bytes);
    done.busy_ns += static_cast<double>(span.busy_ns());
  }
  return all;
}

// 0 .. 1, of the time of all compute.
double share_done_again(const Trace& trace, int steps, const WorkByName& once) {
  double again_ns = 0, busy_ns = 0;
  for (const auto& [name, done] : compute_by_name(trace)) {
    busy_ns += done.busy_ns;
    const auto needed = once.find(name);
    if (needed == once.end() || done.work <= 0) continue;
    again_ns += done.busy_ns * std::max(0.0, 1 - needed->second * steps / done.work);
  }
  return busy_ns > 0 ? again_ns / busy_ns : 0;
}

}  // namespace

WorkByName work_by_name(const Trace& trace) {
  WorkByName work;
  for (const auto& [name, done] : compute_by_name(trace)) work[name] = done.work;
  return work;
}

StepParts parts_of_step(const Trace& trace, int steps, const WorkByName& once) {
  const TraceStats stats = statistics(trace);
  const double ns = 1e9 * steps * std::max<double>(1, static_cast<double>(stats.ranks.size()));
  const double compute_s = static_cast<double>(stats.total.compute_ns) / ns;
  const double again_s = compute_s * share_done_again(trace, steps, once);
  return {.once_s = compute_s - again_s,
          .again_s = again_s,
          .exposed_s = static_cast<double>(stats.total.exposed_comm_ns) / ns,
          .idle_s = static_cast<double>(stats.total.idle_ns) / ns};
}

}  // namespace shardpipe
