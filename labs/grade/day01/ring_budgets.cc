#include "labs/grade/day01/ring_budgets.h"

#include "core/collectives/collective.h"

namespace shardpipe {
namespace {

const RankFacts& of(const RunFacts& facts, int rank) {
  return facts.ranks[static_cast<std::size_t>(rank)];
}

// Messages that do not go to the next rank or come from the one before.
int off_the_ring(const RankFacts& facts, int rank, int n) {
  int off = 0;
  for (const Call& call : facts.calls)
    for (const MessageInfo& m : call.messages)
      off += m.peer != (m.is_send ? (rank + 1) % n : (rank + n - 1) % n) ? 1 : 0;
  return off;
}

}  // namespace

std::vector<Budget> ring_budgets(int n, Index elements, RingPhase phase) {
  const bool sums = phase == RingPhase::reduce_scatter;
  // The part that a rank never sends: its own result, or what its next rank brought itself.
  const auto kept = [=](int rank) { return sums ? rank : (rank + 1) % n; };
  const auto sent = [=](int rank) {
    return 4.0 * static_cast<double>(elements - elements_of_part(elements, n, kept(rank)));
  };
  const auto held = [=](int rank) {
    const Index own = sums ? elements_of_part(elements, n, rank) : 0;
    const Index scratch = sums ? 2 * elements_of_part(elements, n, 0) : 0;
    return 4.0 * static_cast<double>(elements + own + scratch);
  };
  const auto steps = [=](int) { return n - 1.0; };
  return {{.dimension = Dimension::communication,
           .what = "bytes sent",
           .measure = [](const RunFacts& f, int r) { return 1.0 * of(f, r).sent_bytes(); },
           .most = sent,
           .least = sent},
          {.dimension = Dimension::communication,
           .what = "exchanges",
           .measure = [](const RunFacts& f,
                         int r) { return 1.0 * of(f, r).calls_of(OpKind::exchange); },
           .most = steps,
           .least = steps},
          {.dimension = Dimension::communication,
           .what = "messages that leave the ring",
           .measure = [=](const RunFacts& f, int r) { return 1.0 * off_the_ring(of(f, r), r, n); },
           .most = [](int) { return 0.0; }},
          {.dimension = Dimension::communication,
           .what = "collectives of the communicator called",
           .measure =
               [](const RunFacts& f, int r) {
                 return 1.0 * static_cast<double>(of(f, r).calls.size()) -
                        of(f, r).calls_of(OpKind::exchange);
               },
           .most = [](int) { return 0.0; }},
          {.dimension = Dimension::memory,
           .what = "bytes held at once",
           .measure = [](const RunFacts& f, int r) { return 1.0 * of(f, r).peak_bytes; },
           .most = held}};
}

}  // namespace shardpipe
