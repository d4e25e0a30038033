// Day 1: ring all-gather.                                    ./lab check day01_all_gather
//
// n ranks hold a tensor each, cut into n parts. Of these only part r of rank r counts: it is what
// rank r has to tell. Afterwards every rank holds all n of them. It is done in place: a part is
// received where it stays, over whatever was there.
//
// A rank may talk to its two neighbours only: what it sends in a step goes to rank + 1, what it
// receives comes from rank - 1, and in every step each rank sends one part.
//
//   n = 3; .. is what was there before    step 0            step 1            afterwards
//     rank 0:  00 .. ..                   sends 00, gets 22  sends 22, gets 11  00 11 22
//     rank 1:  .. 11 ..                   sends 11, gets 00  sends 00, gets 22  00 11 22
//     rank 2:  .. .. 22                   sends 22, gets 11  sends 11, gets 00  00 11 22
//
// With a reduce-scatter before it, which leaves the sum of part r on rank r, this is an all-reduce.
//
// Allowed: n-1 steps; every part but that of the next rank sent once by each rank; no scratch
// memory.
#include "exercises/day01_collectives/day01_all_gather.h"

namespace shardpipe::answer {

void ring_all_gather(const Parts& parts, const CollectiveContext& on) {
  // >>> region 1: part r = part r of rank r, for all r, in n-1 steps (about 7 lines)
  not_written(1);
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::AllGatherAnswer& answer) {
  answer = {.ring_all_gather = shardpipe::answer::ring_all_gather};
}
