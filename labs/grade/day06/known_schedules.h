// The schedules on which a test for 1F1B is tried: right ones, and five that people write.
#pragma once

#include <vector>

#include "labs/grade/day06/one_f_one_b.h"

namespace shardpipe {

struct KnownSchedule {
  const char* what = "";  // "with one forward too many before the first backward"
  bool is_right = false;
  Schedule (*build)(int ranks, int microbatches) = nullptr;
};

const std::vector<KnownSchedule>& known_schedules();

}  // namespace shardpipe
