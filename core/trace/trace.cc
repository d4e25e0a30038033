#include "core/trace/trace.h"

#include <algorithm>
#include <cctype>
#include <tuple>

namespace shardpipe {

int Trace::ranks() const {
  int ranks = 0;
  for (const Lane& lane : lanes) ranks = std::max(ranks, lane.rank + 1);
  return ranks;
}

bool never_ended(const Trace& trace, const Span& span) {
  return trace.names[static_cast<std::size_t>(span.name)].ends_with(kNeverEnded);
}

void Trace::sort_spans() {
  const auto is_before = [](const Span& a, const Span& b) {
    return std::tie(a.lane, a.posted_ns) < std::tie(b.lane, b.posted_ns);
  };
  if (!std::is_sorted(spans.begin(), spans.end(), is_before))
    std::stable_sort(spans.begin(), spans.end(), is_before);
}

std::string fault_of(const Span& span, const Trace& trace, int ranks) {
  constexpr std::int64_t kFarthestNs = std::int64_t{1} << 61;  // sums of two times are in range
  const auto is_in = [](std::int32_t index, std::size_t size) {
    return index >= 0 && static_cast<std::size_t>(index) < size;
  };
  if (!is_in(span.lane, trace.lanes.size())) return "its lane is not in the trace";
  if (!is_in(span.name, trace.names.size())) return "its name is not in the trace";
  if (span.group != -1 && !is_in(span.group, trace.groups.size()))
    return "its process group is not in the trace";
  if (span.shape != -1 && !is_in(span.shape, trace.shapes.size()))
    return "its shape is not in the trace";
  if (span.kind > OpKind::barrier || span.tags.phase > Phase::optimizer)
    return "its kind or phase is unknown";
  if (span.waits_for < -1 || span.waits_for >= ranks)
    return "it waits for rank " + std::to_string(span.waits_for) + ", which is not in the trace";
  if (span.posted_ns < -kFarthestNs || span.end_ns > kFarthestNs) return "its time is out of range";
  if (span.posted_ns > span.ready_ns || span.ready_ns > span.end_ns)
    return "it ends before it begins";
  return "";
}

LaneKind kind_of(const Lane& lane) {
  std::string name = lane.name;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto says = [&](const char* word) { return name.find(word) != std::string::npos; };
  if (says("host") || says("cpu")) return LaneKind::host;
  if (says("copy") || says("memcpy")) return LaneKind::copy;
  if (says("comm") || says("nccl")) return LaneKind::comm;
  return LaneKind::compute;
}

}  // namespace shardpipe
