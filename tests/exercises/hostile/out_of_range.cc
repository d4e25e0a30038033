// expect: CRASH 5 SIGABRT
#include <vector>
#include "exercises/day01_collectives/day01_reduce_scatter.h"

using namespace shardpipe;
void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  std::vector<int> parts(3);
  parts[static_cast<std::size_t>(on.size())] = 1;
}

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
