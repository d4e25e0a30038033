// Day 1: ring reduce-scatter.                            ./lab check day01_reduce_scatter
//
// n ranks hold a tensor each, cut into n parts. Afterwards rank r holds part r of the sum of all
// tensors. A rank may talk to its two neighbours only: what it sends in a step goes to rank + 1,
// what it receives comes from rank - 1, and in every step each rank sends one part. So sums travel,
// and every rank that they pass adds its own part.
//
//   n = 3, part c of rank r is rc    step 0               step 1                    then
//     rank 0:  00 01 02              sends 02, gets 21    sends 21+01, gets 10+20   10+20+00
//     rank 1:  10 11 12              sends 10, gets 02    sends 02+12, gets 21+01   21+01+11
//     rank 2:  20 21 22              sends 21, gets 10    sends 10+20, gets 02+12   02+12+22
//
// Allowed: n-1 steps; every part but its own sent once by each rank; scratch memory for two parts,
// because what arrives must not land in memory that is being sent. `in` is left as it is.
#include "exercises/day01_collectives/day01_reduce_scatter.h"

namespace shardpipe::answer {

void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  // >>> region 1: out = part `rank` of the sum over ranks, in n-1 steps (about 13 lines)
  not_written(1);
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = shardpipe::answer::ring_reduce_scatter};
}
