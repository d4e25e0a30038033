// A test for 1F1B: what there is to write, and what it is given.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/schedule/checker.h"
#include "core/schedule/simulator.h"
#include "exercises/not_written.h"

namespace shardpipe {

struct OneFOneBTestAnswer {
  // "" if `schedule` is a right 1F1B of `ranks` ranks and `microbatches` micro-batches, else why it
  // is not, in words of your own.
  //   check_schedule(schedule)      "" or the first violation of the order
  //   simulate(schedule, costs)     .makespan, .peak_in_flight[rank]; it throws where the order is
  //                                 wrong. Costs{} is F = I = W = 1, and B = I + W
  //   schedule.ranks[rank]          the actions of a rank, in order
  std::string (*what_is_wrong)(const Schedule& schedule, int ranks, int microbatches) = nullptr;
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::OneFOneBTestAnswer& answer);
