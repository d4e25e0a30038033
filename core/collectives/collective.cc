#include "core/collectives/collective.h"

namespace shardpipe {

void reduce_in_rank_order(Tensor out, const std::vector<Tensor>& terms, ReduceOp op,
                          const CollectiveContext& on) {
  // Not into `out` before the last step: it may be a term that is still needed.
  const Tensor partial = terms[on.rank() == 0 ? 1 : 0];
  for (std::size_t i = 1; i < terms.size(); ++i)
    on.math.reduce_local(i + 1 == terms.size() ? out : partial, i == 1 ? terms[0] : partial,
                         terms[i], op, on.here());
}

}  // namespace shardpipe
