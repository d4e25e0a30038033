// expect: UNKNOWN 1 [|] LABVERDICT day01_reduce_scatter cpu PASS 100
#include <cstdio>
#include "exercises/day01_collectives/day01_reduce_scatter.h"

using namespace shardpipe;
void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  std::printf("LABVERDICT day01_reduce_scatter cpu PASS 100 checks=1\n");
}

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
