// A test for overlap: what there is to write, and what it is given.
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "exercises/not_written.h"

namespace shardpipe {

// The product of a piece, or the sum of it over the ranks.
struct PieceRan {
  int piece = 0;           // which
  std::int64_t bytes = 0;  // of a sum: how many are summed
  std::int64_t begin_ns = 0, end_ns = 0;
};

// What a program did that forms y [tokens, outputs] in `pieces` pieces: one rank's operations, and
// the others' are the same. Recorded on the modelled device, which has no numbers, so there are
// none here; its times are exact.
struct OverlapRun {
  int pieces = 1;
  std::int64_t tokens = 1, outputs = 1;  // float32
  std::string stopped_by = {};           // "": it ran to its end; else the sentence that ended it
  std::vector<PieceRan> products = {}, sums = {};  // each in the order in which they began
};

struct OverlapTestAnswer {
  // "" if it is a right overlap, else why it is not, in words of your own.
  //   text("sum ", i, " begins late")      a std::string of these
  std::string (*what_is_wrong)(const OverlapRun& run) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::OverlapTestAnswer& answer);
