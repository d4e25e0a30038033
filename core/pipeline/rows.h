// What of a boundary tensor this rank sends and receives: all of it, or its 1/t of the rows.
#pragma once

#include "core/pipeline/mailbox.h"

namespace shardpipe {

class BoundaryRows {
 public:
  BoundaryRows(RankContext& ctx, const Boundary& boundary, bool scatter);

  Tensor outgoing(const Tensor& whole, RankContext& ctx) const;  // [T,D] -> [T,D] or [T/t,D]
  Tensor incoming(RankContext& ctx) const;                       // an empty one of that shape
  Tensor whole(Tensor arrived, RankContext& ctx) const;          // all-gather [T,D] over tp

 private:
  Boundary boundary_;
  bool scatter_;
  Index rows_;
};

}  // namespace shardpipe
