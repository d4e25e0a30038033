// expect: UNKNOWN 4 deadlock: rank 0 waits
#include "exercises/day01_collectives/day01_reduce_scatter.h"

using namespace shardpipe;
void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  on.exchange({recv_from((on.rank() + 1) % on.size(), out.slice(0, 1))});
  on.exchange({send_to((on.rank() + on.size() - 1) % on.size(), in[0].slice(0, 1))});
}

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
