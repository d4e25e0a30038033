// The schedules of the literature, one builder each, by name. ranks is p, microbatches m, chunks v:
// any for interleaved_1f1b and looped_bfs, 2 for zb_v and dualpipe_v, 1 for all others.
// A (p, m, v) that the rule of a schedule excludes is a usage error that states the rule.
#pragma once

#include <string>
#include <vector>

#include "core/schedule/schedule.h"

namespace shardpipe {

const std::vector<std::string>& schedule_names();

Schedule build_schedule(const std::string& name, int ranks, int microbatches, int chunks);

// The chunks of a schedule that leaves no choice (1, or 2 for the V shapes), 2 where one has to
// choose.
int default_chunks(const std::string& name);

}  // namespace shardpipe
