// What exercises on overlap are graded by: which stream did what and when, on the machine of the
// grader.
#pragma once

#include "labs/grade/budgets.h"

namespace shardpipe {

// What operations take there, in ns (solutions/grading.json): a flop 1 ns, a message 1 us and 1 ns
// a byte. float32.
double product_ns(Index rows, Index columns, Index inner);
double pass_ns(Index elements);                       // a flop each: an addition, a bias
double all_reduce_ns(Index elements, int ranks);      // a ring, 2 (t-1) steps
double all_gather_ns(Index all_elements, int ranks);  // a ring, t-1 steps

// When the last sum ends, if products follow each other from `begin_ns` on, and the sum of each
// begins when that product and the sum before it have ended.
double pipelined_ns(double begin_ns, const std::vector<double>& products,
                    const std::vector<double>& sums);

// The modelled run, with a hundredth to spare: a copy or two cost no points.
Budget about_as_fast_as(double ns);
// Collectives on the one stream that multiplies: nothing can pass under a product there.
Budget no_collectives_beside_products();
// When a rank's first collective begins, from the beginning of the window: late if what it could
// have passed under was done before it.
Budget first_collective_by(Limit most);

}  // namespace shardpipe
