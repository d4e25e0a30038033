// What goes wrong in each program, apart from how it ends.
#pragma once

#include <functional>

#include "core/launch/launch.h"

namespace shardpipe::wrong {

Tensor zeros(RankContext& ctx, Index size, DType dtype = DType::f32);

// On rank 1 something happens after all_reduce #0, while the others go on to all_reduce #1.
RankProgram on_rank_1(const std::function<void(RankContext&)>& event);

void sleep_for_ever();
void spin_in_body(RankContext& ctx);
RankProgram stops_at_once(int rank);  // before any communication

void shorter(RankContext& ctx);     // rank 2, a step before the others
void returns(RankContext& ctx);     // rank 2, without the all_reduce of the others
void collective(RankContext& ctx);  // rank 1: a broadcast
void size(RankContext& ctx);        // rank 2: 9 elements, not 8
void dtype(RankContext& ctx);       // rank 0: i32
void sum_or_max(RankContext& ctx);  // rank 0: max
void root(RankContext& ctx);        // rank 0: another
void order(RankContext& ctx);       // rank 1: the second one first
void order_of_groups(RankContext& ctx);
void crossed(RankContext& ctx);  // everybody sends first, and receives then
void message(RankContext& ctx, DType received, Index more);  // from rank 0 to rank 1
void algorithm(RankContext& ctx);                            // rank 1 adds along another one
void shared_memory(RankContext& ctx);                        // rank 1 receives into what it sends
void other_members(RankContext& ctx);                        // rank 1 asks for another group
void fewer_members(RankContext& ctx);
void other_name(RankContext& ctx);

}  // namespace shardpipe::wrong
