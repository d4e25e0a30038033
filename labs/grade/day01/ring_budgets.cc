#include "labs/grade/day01/ring_budgets.h"

#include "core/collectives/collective.h"
#include "labs/grade/budgets.h"

namespace shardpipe {

int part_of(Index elements, int count, Index i) {
  int part = 0;
  while (first_of_part(elements, count, part + 1) <= i) ++part;
  return part;
}

Budget only_around_the_ring(int n) {
  return no_messages_but(
      [=](int rank, const MessageInfo& m) {
        return m.peer == (m.is_send ? (rank + 1) % n : (rank + n - 1) % n);
      },
      "messages that leave the ring");
}

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
  return {no_collectives(), exchanges([=](int) { return n - 1.0; }), bytes_sent(sent),
          only_around_the_ring(n), bytes_held(held)};
}

}  // namespace shardpipe
