// How little time any order can take where memory is short. Symbols: p ranks, m micro-batches, v
// chunks (stages a rank), f i w the costs of one chunk: F/v, I/v, W/v. A rank may hold L chunks: a
// chunk of a micro-batch is held from the start of its F to the end of its W.
//
// Data alone (the chain F .. F I .. I of one micro-batch, with C for each hop between ranks) give
// for each stage s: head(s), the earliest start of its F; first(s), the earliest start of its I;
// tail(s), the least time between the end of its I and the end of everything, T. Of a rank with the
// stages s: head, first and tail are the least of these, n = m v is how many chunks it computes,
// and L at most n.
//
// Bound by work. Before its first I a rank can do at most L F's, for none of them is released yet.
// So it is idle for max(head, first - L f) by then, and its whole work is m(F+I+W). Behind its last
// I it can do at most L W's, so if that is less than tail it is idle for the rest.
//   T >= max(head, first - L f) + m(F+I+W) + max(0, tail - L w)
//
// Bound by memory. A chunk is held for at least hold(s) = first(s) - head(s) + i + w. Let
// x_1 <= .. <= x_n be the starts of the F's of a rank and y_1 <= .. <= y_n the ends of its W's. No
// more than L are held, so y_k <= x_(k+L), and
//   sum of holds <= sum of all y - sum of all x <= sum of the last L y - sum of the first L x
// F's come one after another, and so do W's: x_k >= head + (k-1) f, and the k-th y from the end is
// at most T - (k-1) w. Hence
//   T >= head + m (sum over s of hold(s)) / L + (f + w)(L-1)/2
//
// Both hold for orders with B, which is an I with its W behind it whose message waits for that, and
// with blocks, which are no faster than their F and B one after the other. They are not always
// reached.
#pragma once

#include <vector>

#include "core/schedule/simulator.h"

namespace shardpipe {

// Which rank has each stage of the model; every rank has `chunks` of them.
struct Placement {
  int ranks = 1, chunks = 1;
  std::vector<int> rank_of = {};
};

// One stage a rank; and, if most_chunks is 2 or more, two in a V, and 2 .. most_chunks in a loop.
std::vector<Placement> placements(int ranks, int most_chunks);

// What data alone allow, by stage. f, i and w as above.
struct DataChain {
  DataChain(const Placement& placement, const Costs& costs);

  double f, i, w;
  std::vector<double> hop;  // from stage s to s + 1, and back
  std::vector<double> head, first, tail;
};

// The larger of the two, over all ranks. most_held: L, at least 1.
double bound_under_limit(const Placement& placement, int microbatches, int most_held,
                         const Costs& costs);

}  // namespace shardpipe
