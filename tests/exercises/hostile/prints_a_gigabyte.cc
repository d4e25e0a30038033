// expect: UNKNOWN 1 bytes more
#include <cstdio>
#include <string>
#include "exercises/day01_collectives/day01_reduce_scatter.h"

using namespace shardpipe;
void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  const std::string line(1 << 20, 'x');
  for (int i = 0; i < 1 << 10 && on.rank() == 0 && !on.device.has_numbers() && in.count() == 3; ++i)
    std::puts(line.c_str());
}

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
