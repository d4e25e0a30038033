// Day 1: all-reduce by recursive doubling.              ./lab check day01_recursive_doubling
//
// A ring needs 2 (n-1) steps. For a small tensor it is the steps that cost, so here is the
// all-reduce with the fewest of them: pairs of ranks swap all they have and add. After one step a
// rank has the sum of two ranks, and swaps it with a rank that has the sum of two others; after two
// steps it is four, then eight.
//
//   n = 4           before   step at distance 1      step at distance 2
//     rank 0:       1        with 1: 1+10    = 11    with 2: 11+1100 = 1111
//     rank 1:       10       with 0: 10+1    = 11    with 3: 11+1100 = 1111
//     rank 2:       100      with 3: 100+1000 = 1100  with 0: 1100+11 = 1111
//     rank 3:       1000     with 2: 1000+100 = 1100  with 1: 1100+11 = 1111
//
// Region 1: that, for a number of ranks that is a power of two.
//
// Region 2: for any n, with region 1 given. Let p be the largest power of two that is not more than
// n. The ranks p .. n-1 are too many, so each hands its tensor to a rank below p that adds it to
// its own, one rank to each. The p ranks do region 1. Then the others get the result.
//
//   n = 3, p = 2    before   hand in     region 1    get back
//     rank 0:       1        101         111         111
//     rank 1:       10       10          111         111
//     rank 2:       100                              111
//
// Allowed, in region 1: lg count steps, in each of which a rank sends its tensor once. In region 2
// two steps more for the ranks that hand in and get back, and for those that help them; the others
// have none. Scratch memory for one tensor at a time: in region 2 yours must be gone before
// region 1 takes its own.
#include "exercises/day01_collectives/day01_recursive_doubling.h"

namespace shardpipe::answer {

void doubling(const Tensor& x, int count, const CollectiveContext& on) {
  // >>> region 1: x of ranks 0 .. count-1 = the sum over them, in lg count steps (about 6 lines)
  const int rank = on.rank();
  const Tensor theirs(on.device, {x.elements()}, x.dtype());
  for (int distance = 1; distance < count; distance *= 2) {
    // Blocks of `distance` ranks have the same sum, and lie in pairs.
    const int partner = rank / distance % 2 == 0 ? rank + distance : rank - distance;
    on.exchange({send_to(partner, x), recv_from(partner, theirs)});
    on.math.add(x, x, theirs, on.stream);
  }
  // <<< region 1
}

void any_number(const Tensor& x, DoublingSum doubling, const CollectiveContext& on) {
  // >>> region 2: x of all n ranks = the sum over them, for any n (about 16 lines)
  const int n = on.size(), rank = on.rank();
  int p = 1;
  while (2 * p <= n) p *= 2;
  if (rank >= p) {
    on.exchange({send_to(rank - p, x)});
    on.exchange({recv_from(rank - p, x)});
    return;
  }
  const bool helps = rank + p < n;
  if (helps) {
    const Tensor theirs(on.device, {x.elements()}, x.dtype());
    on.exchange({recv_from(rank + p, theirs)});
    on.math.add(x, x, theirs, on.stream);
  }
  doubling(x, p, on);
  if (helps) on.exchange({send_to(rank + p, x)});
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::RecursiveDoublingAnswer& answer) {
  answer = {.doubling = shardpipe::answer::doubling, .any_number = shardpipe::answer::any_number};
}
