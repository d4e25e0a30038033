// Day 1: all-reduce from two halves.                          ./lab check day01_all_reduce
//
// After an all-reduce every rank holds the sum of what all of them brought. You have written its
// two halves: the ring reduce-scatter leaves part r of the sum on rank r, the ring all-gather tells
// everybody everybody's part. Both are given, as halves.reduce_scatter and halves.all_gather.
//
// Region 1: put them together, in place.
//
//   n = 3, one number a part    x before     between the halves     x afterwards
//     rank 0:                   1 2 3        111 .. ..              111 222 333
//     rank 1:                   10 20 30     .. 222 ..              111 222 333
//     rank 2:                   100 200 300  .. .. 333              111 222 333
//
// Region 2: x = factor times the sum; with factor 1/n that is the mean, which is what data-parallel
// training wants of its gradients. Between the halves each number of the sum lies on one rank only:
// what is done to it there is done once, and not n times. So each rank scales its own part.
//
// Allowed, in each region: n-1 steps for either half, every part but one sent once by each rank in
// either half; scratch memory for three parts, two of which the reduce-scatter takes for itself (so
// one is left for you, which you may not need). Region 2: each rank scales no more than one part.
#include "exercises/day01_collectives/day01_all_reduce.h"

namespace shardpipe::answer {

void sum(const Tensor& x, const RingHalves& halves, const CollectiveContext& on) {
  // >>> region 1: x = the sum over ranks of x, on every rank (about 3 lines)
  const Parts parts(x, on.size());
  // The sum of a rank's part lands where the all-gather looks for it.
  halves.reduce_scatter(parts[on.rank()], parts, on);
  halves.all_gather(parts, on);
  // <<< region 1
}

void scaled_sum(const Tensor& x, float factor, const RingHalves& halves,
                const CollectiveContext& on) {
  // >>> region 2: x = factor times the sum over ranks of x, on every rank (about 5 lines)
  const Parts parts(x, on.size());
  const Tensor mine = parts[on.rank()];
  halves.reduce_scatter(mine, parts, on);
  on.math.scale(mine, mine, factor, on.stream);
  halves.all_gather(parts, on);
  // <<< region 2
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::AllReduceAnswer& answer) {
  answer = {.sum = shardpipe::answer::sum, .scaled_sum = shardpipe::answer::scaled_sum};
}
