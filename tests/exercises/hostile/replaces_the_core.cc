// expect: UNKNOWN 1 UNKNOWN
#include "exercises/day01_collectives/day01_reduce_scatter.h"

namespace shardpipe {
// It is this library's own, and nobody else's.
std::string Group::label() const { return "stolen"; }
}  // namespace shardpipe

using namespace shardpipe;
void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  on.math.copy(out, in[on.rank()], on.stream);
}

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
