// Which all_reduce is fastest on a described machine, by size and placement.
//
// The prediction is alpha-beta: the longest path of an algorithm is a list of exchanges and
// additions, an exchange costs latency + bytes / bandwidth of the link it crosses (Link), an
// addition what the roofline says, and none starts before the host has submitted it
// (Hardware::launch_s). For few bytes that leaves steps and launches, for many the bytes: the table
// of all_reduce.h. Exact for even parts on one node, but for two_tree, whose path is an upper
// bound. Over several nodes a step counts as slow if any pair of it crosses nodes. Hockney, "The
// communication challenge for MPP", Parallel Computing 20(3), 1994 (alpha-beta).
#pragma once

#include "core/collectives/all_reduce.h"
#include "core/cost/hardware.h"

namespace shardpipe {

struct AllReduceChoice {
  AllReduceAlgorithm algorithm = AllReduceAlgorithm::ring;
  double seconds = 0;  // predicted
};

// Of an all_reduce of `bytes`. hierarchical: infinity unless nodes are full and more than one.
double predicted_s(AllReduceAlgorithm algorithm, const Hardware& hardware, Placement at,
                   double bytes, DType dtype);

AllReduceChoice choose_all_reduce(const Hardware& hardware, Placement at, double bytes,
                                  DType dtype);

}  // namespace shardpipe
