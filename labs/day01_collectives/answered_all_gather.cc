#include "exercises/day01_collectives/day01_all_gather.h"
#include "labs/answers.h"
#include "labs/day01_collectives/answered_collectives.h"

namespace shardpipe {

RingAllGather answered_all_gather() {
  return load_answer<AllGatherAnswer>("day01_all_gather").ring_all_gather;
}

}  // namespace shardpipe
