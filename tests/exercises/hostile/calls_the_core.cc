// expect: OWN_CODE 1 calls shardpipe::reduce_scatter_ring
#include "core/collectives/gather.h"
#include "exercises/day01_collectives/day01_reduce_scatter.h"

using namespace shardpipe;
void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  reduce_scatter_ring(out, in, ReduceOp::sum, on);
}

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
