#include "viz/model/gaps.h"

#include <algorithm>
#include <tuple>

namespace shardpipe::viz {
namespace {

bool is_idle(Category state) { return state == Category::idle || state == Category::wait; }

}  // namespace

Gap gap_at(const RankGroup& group, double at_ns) {
  const Row& states = group.state.row;
  std::size_t first = states.at(at_ns);
  if (first == states.size() || !is_idle(states[first].category)) return {};
  std::size_t last = first;
  while (first > 0 && is_idle(states[first - 1].category)) --first;
  while (last + 1 < states.size() && is_idle(states[last + 1].category)) ++last;
  return {group.rank, states.begin_ns(first), states.end_ns(last)};
}

std::vector<Gap> longest_gaps(const TimelineModel& model, std::size_t most) {
  std::vector<Gap> gaps;
  for (const RankGroup& group : model.ranks()) {
    const Row& states = group.state.row;
    Gap gap;
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (!is_idle(states[i].category)) continue;
      if (gap.rank >= 0 && gap.end_ns == states.begin_ns(i)) {
        gap.end_ns = states.end_ns(i);
        continue;
      }
      if (gap.rank >= 0) gaps.push_back(gap);
      gap = {group.rank, states.begin_ns(i), states.end_ns(i)};
    }
    if (gap.rank >= 0) gaps.push_back(gap);
  }
  const std::size_t kept = std::min(most, gaps.size());
  std::partial_sort(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(kept), gaps.end(),
                    [](const Gap& a, const Gap& b) {
                      return std::tuple(-a.length_ns(), a.begin_ns, a.rank) <
                             std::tuple(-b.length_ns(), b.begin_ns, b.rank);
                    });
  gaps.resize(kept);
  return gaps;
}

}  // namespace shardpipe::viz
