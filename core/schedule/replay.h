// The one walk through a schedule that simulator, checker and the message pass share.
#pragma once

#include <cstddef>
#include <vector>

#include "core/schedule/schedule.h"
#include "core/schedule/simulator.h"

namespace shardpipe {

// What an action waits for. Of its own (stage, micro-batch) it is on the same rank; of a
// neighbouring stage it may have to travel.
struct Needs {
  bool own_forward = false;   // B, I
  bool own_input = false;     // W: the I of its (stage, micro-batch)
  bool stage_before = false;  // F: the forward of stage-1
  bool stage_behind = false;  // B, I: B or I of stage+1
};
Needs needs_of(const Action& action, int stages);

struct Replay {
  std::vector<std::vector<Interval>> ranks = {};  // of the actions that ran
  bool is_complete = true;                        // false: the ranks wait for each other

  // How many actions of a rank ran; the next one is what it waits at.
  std::size_t reached(int rank) const { return ranks[static_cast<std::size_t>(rank)].size(); }
};

// Each rank does its actions in order, each as soon as it can. Every (stage, micro-batch) must be
// in range. Linear in the number of actions.
Replay replay(const Schedule& schedule, const StagePlacement& placement, const Costs& costs);

}  // namespace shardpipe
