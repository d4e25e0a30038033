#include "core/collectives/hierarchical.h"

#include "core/collectives/all_reduce.h"
#include "core/collectives/gather.h"

namespace shardpipe {

HierarchicalAllReduce::HierarchicalAllReduce(const CollectiveContext& on, int ranks_per_node)
    : on_(on) {
  const int n = on.size(), g = ranks_per_node;
  if (g < 1 || n % g != 0)
    usage_error(text("hierarchical: ", n, " ranks do not fill nodes of ", g));
  std::vector<int> node, across;
  for (int i = 0; i < g; ++i) node.push_back(on.rank() / g * g + i);
  for (int i = 0; i < n / g; ++i) across.push_back(on.rank() % g + i * g);
  inside_ = on.comm.subgroup(node, "inside");
  between_ = on.comm.subgroup(across, "between");
}

CollectiveContext HierarchicalAllReduce::with(Communicator& comm) const {
  return {comm, on_.math, on_.device, on_.stream, "all_reduce hierarchical"};
}

void HierarchicalAllReduce::all_reduce(Tensor inout, ReduceOp op) const {
  if (is_trivial(inout, on_)) return;
  const CollectiveContext inside = with(*inside_), between = with(*between_);
  const Parts parts(inout, inside.size());
  const Tensor mine = parts[inside.rank()];
  if (inside.size() > 1) reduce_scatter_ring(mine, parts, op, inside);
  all_reduce_ring(mine, op, between);
  all_gather_ring(parts, inside);
}

}  // namespace shardpipe
