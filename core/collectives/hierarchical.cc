#include "core/collectives/hierarchical.h"

#include "core/collectives/all_reduce.h"
#include "core/collectives/gather.h"

namespace shardpipe {

HierarchicalAllReduce::HierarchicalAllReduce(const CollectiveContext& on, int ranks_per_node,
                                             Where where)
    : on_(on) {
  const int n = on.size(), g = ranks_per_node;
  if (g < 1 || n % g != 0)
    usage_error(text("hierarchical: ", n, " ranks do not fill nodes of ", g));
  std::vector<int> node, across;
  for (int i = 0; i < g; ++i) node.push_back(on.rank() / g * g + i);
  for (int i = 0; i < n / g; ++i) across.push_back(on.rank() % g + i * g);
  inside_ = on.comm.subgroup(node, "inside", where);
  between_ = on.comm.subgroup(across, "between", where);
}

CollectiveContext HierarchicalAllReduce::with(Communicator& comm, Where where) const {
  return {comm, on_.math, on_.device, on_.stream, "all_reduce hierarchical", where};
}

void HierarchicalAllReduce::all_reduce(Tensor inout, ReduceOp op, Where where) const {
  if (is_trivial(inout, on_)) return;
  const CollectiveContext inside = with(*inside_, where), between = with(*between_, where);
  const Parts parts(inout, inside.size());
  const Tensor mine = parts[inside.rank()];
  if (inside.size() > 1) reduce_scatter_ring(mine, parts, op, inside);
  all_reduce_ring(mine, op, between);
  all_gather_ring(parts, inside);
}

}  // namespace shardpipe
