// What a collective algorithm sends, before it runs: exactly, for one rank, as the exchange counter
// of that rank will show it. Traffic: core/cost/collective_cost.h (steps = calls of exchange). The
// busiest rank and even parts give the table of all_reduce.h.
#pragma once

#include "core/collectives/all_reduce.h"
#include "core/collectives/gather.h"
#include "core/cost/collective_cost.h"

namespace shardpipe {

// One rank's place and the tensor that all of them reduce.
struct TrafficQuery {
  int ranks = 1, rank = 0;
  Index elements = 0;
  DType dtype = DType::f32;
  int chunks = 0;  // two_tree; 0: two_tree_chunks of the tensor
};

Traffic traffic_of(AllReduceAlgorithm algorithm, const TrafficQuery& q);

// Over both groups of a HierarchicalAllReduce.
Traffic hierarchical_traffic(const TrafficQuery& q, int ranks_per_node);

// elements: of the full tensor, a multiple of ranks. all_gather and reduce_scatter are the same.
Traffic traffic_of(GatherAlgorithm algorithm, const TrafficQuery& q);

}  // namespace shardpipe
