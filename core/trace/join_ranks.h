// One trace from the files of many ranks, whose clocks differ: collectives say by how much. A
// collective ends on all its ranks at nearly the same moment, as none can end before the last has
// come, so
//   shift of a rank   the median, over the collectives it shares with ranks already placed, of the
//                     difference of their ends; the first rank stays where it is
//   clock_error_ns    nine of ten of these differences are within it of their median; that of the
//                     worst rank. It holds the spread of true ends as well as the error of clocks,
//                     and none of a clock that drifts
// The same collective: equal process group and kind, and "Seq" where it was written, else their
// order. With clocks joined, each knows who came last: its [posted, ready] is waiting, if that is
// longer than clock_error_ns.
#pragma once

#include <string>
#include <vector>

#include "core/trace/chrome_foreign.h"
#include "core/trace/trace.h"

namespace shardpipe {

// Ranks in the order of their numbers if every file says its own, else of the files. Where these
// are not 0, 1, ... they are renumbered so. What a person should know is added to `warnings`.
// O(files x collectives + n log n) for n spans; usage_error if two files lie decades apart.
Trace join_ranks(std::vector<ForeignTrace> files, std::vector<std::string>& warnings);

}  // namespace shardpipe
