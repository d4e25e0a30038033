#include "core/schedule/limit_bound.h"

#include <algorithm>
#include <limits>

namespace shardpipe {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

struct RankBound {
  double head = kNever, first = kNever, tail = kNever, hold = 0;  // hold: of all its stages

  void add(const DataChain& chain, std::size_t s) {
    head = std::min(head, chain.head[s]);
    first = std::min(first, chain.first[s]);
    tail = std::min(tail, chain.tail[s]);
    hold += chain.first[s] - chain.head[s] + chain.i + chain.w;
  }

  double by_work(double work, int held, const DataChain& chain) const {
    return std::max(head, first - held * chain.f) + work + std::max(0.0, tail - held * chain.w);
  }
  double by_memory(int microbatches, int held, const DataChain& chain) const {
    return head + microbatches * hold / held + (chain.f + chain.w) * (held - 1) / 2;
  }
};

}  // namespace

std::vector<Placement> placements(int ranks, int most_chunks) {
  const auto placed = [ranks](int chunks, auto rank_of) {
    Placement placement{.ranks = ranks, .chunks = chunks};
    for (int s = 0; s < chunks * ranks; ++s) placement.rank_of.push_back(rank_of(s));
    return placement;
  };
  const auto in_a_loop = [ranks](int s) { return s % ranks; };
  std::vector<Placement> all{placed(1, in_a_loop)};
  if (most_chunks >= 2)
    all.push_back(placed(2, [ranks](int s) { return std::min(s, 2 * ranks - 1 - s); }));
  for (int v = 2; v <= most_chunks; ++v) all.push_back(placed(v, in_a_loop));
  return all;
}

DataChain::DataChain(const Placement& placement, const Costs& costs)
    : f(costs.F / placement.chunks),
      i(costs.I / placement.chunks),
      w(costs.W / placement.chunks),
      hop(placement.rank_of.size() - 1),
      head(placement.rank_of.size()),
      first(head),
      tail(head) {
  const std::size_t last = hop.size();
  for (std::size_t s = 0; s < last; ++s) {
    hop[s] = placement.rank_of[s] == placement.rank_of[s + 1] ? 0 : costs.C;
    head[s + 1] = head[s] + f + hop[s];
  }
  first[last] = head[last] + f;
  for (std::size_t s = last; s-- > 0;) first[s] = first[s + 1] + i + hop[s];
  tail[0] = w;
  for (std::size_t s = 1; s <= last; ++s) tail[s] = std::max(w, hop[s - 1] + i + tail[s - 1]);
}

double bound_under_limit(const Placement& placement, int microbatches, int most_held,
                         const Costs& costs) {
  const int held = std::min(most_held, microbatches * placement.chunks);
  const DataChain chain(placement, costs);
  std::vector<RankBound> ranks(static_cast<std::size_t>(placement.ranks));
  for (std::size_t s = 0; s < placement.rank_of.size(); ++s)
    ranks[static_cast<std::size_t>(placement.rank_of[s])].add(chain, s);
  const double work = microbatches * (costs.F + costs.I + costs.W);
  double bound = 0;
  for (const RankBound& rank : ranks)
    bound = std::max(
        {bound, rank.by_work(work, held, chain), rank.by_memory(microbatches, held, chain)});
  return bound;
}

}  // namespace shardpipe
