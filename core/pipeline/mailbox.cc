#include "core/pipeline/mailboxes.h"

namespace shardpipe {

const char* name_of(P2p p2p) {
  switch (p2p) {
    case P2p::blocking: return "blocking";
    case P2p::one_lane: return "one-lane";
    case P2p::prefetch: return "prefetch";
  }
  return "?";
}

P2p parse_p2p(std::string_view name) {
  for (const P2p p2p : {P2p::blocking, P2p::one_lane, P2p::prefetch})
    if (name == name_of(p2p)) return p2p;
  usage_error(text("--p2p '", name, "' is unknown (allowed: blocking, one-lane, prefetch)"));
}

std::unique_ptr<Mailbox> make_mailbox(RankContext& ctx, const Schedule& schedule,
                                      const Boundary& boundary, P2p p2p, bool scatter) {
  const BoundaryRows rows(ctx, boundary, scatter);
  if (p2p == P2p::prefetch) return make_prefetch_mailbox(ctx, rows, schedule);
  return make_lane_mailbox(rows, p2p == P2p::blocking ? ctx.compute : ctx.comm);
}

}  // namespace shardpipe
