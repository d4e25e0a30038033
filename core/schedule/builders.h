// The schedules of the literature, one builder each, by name. ranks is p, microbatches m, chunks v:
// any for interleaved_1f1b and looped_bfs, 2 for the V shapes (zb_v, v_half, v_min, dualpipe_v), 1
// for all others. A (p, m, v) that the rule of a schedule excludes is a usage error that states the
// rule.
#pragma once

#include <string>
#include <vector>

#include "core/schedule/schedule.h"

namespace shardpipe {

const std::vector<std::string>& schedule_names();

// group: micro-batches that pass a chunk before the next chunk gets its turn, of interleaved_1f1b
// (Megatron's microbatch_group_size_per_vp_stage); 0: ranks where these divide the micro-batches,
// else the least that no last group of fewer than `ranks` is left behind (torch's rule, where it
// has one).
Schedule build_schedule(const std::string& name, int ranks, int microbatches, int chunks,
                        int group = 0);

// The chunks of a schedule that leaves no choice (1, or 2 for the V shapes), 2 where one has to
// choose.
int default_chunks(const std::string& name);

}  // namespace shardpipe
