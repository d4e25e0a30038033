#include "viz/model/gaps.h"

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

}  // namespace shardpipe::viz
