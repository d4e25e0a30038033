// A schedule that an exercise of the learner's builds: "mine:day06_1f1b". Their code runs in a
// process of its own, `lab schedule`, which is asked anew for each size.
#pragma once

#include <string>

#include "core/schedule/schedule.h"

namespace shardpipe::viz {

bool is_answer(const std::string& schedule);  // "mine", "mine:ID"
// Throws Error(usage) with what the process says where it builds none. Some 20 ms.
Schedule answered_schedule(const std::string& name, int stages, int microbatches);

}  // namespace shardpipe::viz
