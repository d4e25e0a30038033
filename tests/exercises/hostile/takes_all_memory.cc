// expect: UNKNOWN 5 out of memory
#include <vector>
#include "exercises/day01_collectives/day01_reduce_scatter.h"

using namespace shardpipe;
void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  std::vector<std::vector<char>> all;
  for (;;) all.emplace_back().reserve(1 << 28);
}

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
