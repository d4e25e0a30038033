// The fastest order under a limit of memory, and how far from the least it can be. Compared are
//   - the builders of builders.h, where they accept the sizes: all but those that need the weights
//     twice or have no backward
//   - the heuristic of zb_heuristic.h
//   - what exact_search.h finds, where the size is in its reach
// with up to most_chunks stages a rank, of which there are placements(): one stage, a loop, a V.
//
// The bound says that no order of these placements under this limit takes less: bound_under_limit
// of a placement, or, where the search of it went to its end, the best makespan found; the least of
// all placements. If the best is no more than that, it is optimal.
#pragma once

#include <string>
#include <vector>

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

struct AutoRequest {
  int ranks = 1, microbatches = 1;
  int most_chunks = 2;
  // Micro-batches that a rank holds, from F to W (or B), through all of its stages: a chunk of one
  // counts 1/chunks.
  double memory_limit = 1;
  Costs costs = {};
};

struct Candidate {
  std::string name = {};
  int chunks = 1;
  double makespan = 0;
  double span = 0;  // the longest of a rank, from its first start to its last end
  double held = 0;  // micro-batches, on the rank that holds most
  bool fits = true;
};

struct AutoChoice {
  Schedule schedule = {};
  Candidate chosen = {};                   // the least makespan; among equals the least held
  std::vector<Candidate> candidates = {};  // all, in the order in which they were tried
  double bound = 0;
  bool is_optimal = false;
};

// Usage error for a limit below 1, and for sizes beyond what is compared in a few seconds.
AutoChoice choose_schedule(const AutoRequest& request);

}  // namespace shardpipe
