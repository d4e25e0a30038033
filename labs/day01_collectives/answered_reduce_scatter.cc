#include "exercises/day01_collectives/day01_reduce_scatter.h"
#include "labs/answers.h"
#include "labs/day01_collectives/answered_collectives.h"

namespace shardpipe {

RingReduceScatter answered_reduce_scatter() {
  return load_answer<ReduceScatterAnswer>("day01_reduce_scatter").ring_reduce_scatter;
}

}  // namespace shardpipe
