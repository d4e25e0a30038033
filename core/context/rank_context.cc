#include "core/context/rank_context.h"

namespace shardpipe {

Scope RankContext::scope(Tags tags) const {
  const Tags& now = device.tags();
  if (tags.step < 0) tags.step = now.step;
  if (tags.stage < 0) tags.stage = now.stage;
  if (tags.microbatch < 0) tags.microbatch = now.microbatch;
  if (tags.layer < 0) tags.layer = now.layer;
  if (tags.phase == Phase::none) tags.phase = now.phase;
  return Scope(device, tags);
}

}  // namespace shardpipe
