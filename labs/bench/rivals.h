// Other libraries beside ours: what MPI and Gloo take for the same tensors, on the same machine, in
// the same run. Each is a program of its own beside `lab`, built where its library was found.
#pragma once

#include <string>
#include <vector>

#include "labs/bench/collectives.h"

namespace shardpipe {

// Adds sweep.rivals for the sizes of the sweep, and a line of sweep.notes for each that is absent.
// Measured sweeps only; a modelled one is left as it is.
void add_rivals(CollectiveSweep& sweep);

// "ELEMENTS SECONDS" lines for all sizes of the sweep, in order, as points; none if any is missing.
std::vector<TimedSize> parse_times(const std::string& lines, const std::vector<TimedSize>& sizes);

}  // namespace shardpipe
