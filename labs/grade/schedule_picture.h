// The picture of what is wrong with a schedule: it beside the right one.
#pragma once

#include <string>
#include <vector>

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

std::vector<std::string> lines_of(const std::string& text);

// Both on the same scale, one below the other.
std::vector<std::string> drawn_beside(const Schedule& yours, const Schedule& right,
                                      const Costs& costs);

// For one that cannot be timed: the first rank that differs, around the place. "": none does.
std::vector<std::string> first_difference(const Schedule& yours, const Schedule& right);

// "2F3 starts at 9, in the right one at 6": of the actions that start too late, the earliest.
std::string first_delay(const Schedule& yours, const Schedule& right, const Costs& costs);

}  // namespace shardpipe
