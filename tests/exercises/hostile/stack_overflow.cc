// expect: CRASH 5 SIGSEGV
#include "exercises/day01_collectives/day01_reduce_scatter.h"

using namespace shardpipe;
int deeper(int n) {
  volatile char used[4096];
  used[n % 4096] = 1;
  return deeper(n + 1) + used[0];
}
void ring_reduce_scatter(Tensor out, const Parts& in, const CollectiveContext& on) {
  deeper(on.rank());
}

extern "C" void shardpipe_answer(shardpipe::ReduceScatterAnswer& answer) {
  answer = {.ring_reduce_scatter = ring_reduce_scatter};
}
