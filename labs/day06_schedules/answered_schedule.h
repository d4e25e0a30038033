// The schedule that an exercise of day 6 builds.
#pragma once

#include <string>

#include "core/schedule/schedule.h"

namespace shardpipe {

// Usage error where the sizes make none; Error(wrong) where what it builds is no right schedule.
Schedule answered_schedule(const std::string& exercise, int ranks, int microbatches);

}  // namespace shardpipe
