// all_reduce on two levels, for links that are fast inside a node and slow between nodes.
// Letters: n ranks, g ranks a node, m = n/g nodes, S bytes of the tensor.
//
//                                              steps     bytes a rank sends
//   1. ring reduce_scatter inside the node     g-1       (g-1)/g S
//   2. ring all_reduce between the nodes       2 (m-1)   2 (m-1)/m S/g
//   3. ring all_gather inside the node         g-1       (g-1)/g S
//
// Only step 2 crosses nodes: 2 (m-1)/m S a node, as little as any all_reduce, and spread over the g
// links of its ranks. A flat ring has 2 (n-1) steps, each as slow as the slow link. Scratch: 2 S/g.
// All ranks get the same bits. NCCL's "2D" layout; Mikami et al., "Massively distributed SGD:
// ImageNet/ResNet-50 training in a flash", arXiv:1811.05233, section 3.2 ("2D-torus").
#pragma once

#include <memory>

#include "core/collectives/collective.h"

namespace shardpipe {

class HierarchicalAllReduce {
 public:
  // Makes two groups, axes "inside" and "between", so all ranks of on.comm make it at the same
  // place of their programs. Rank r is on node r / ranks_per_node. Usage error unless nodes are
  // full. Outlives none of the references of `on`.
  HierarchicalAllReduce(const CollectiveContext& on, int ranks_per_node,
                        Where where = Where::here());

  void all_reduce(Tensor inout, ReduceOp op, Where where = Where::here()) const;

 private:
  CollectiveContext with(Communicator& comm, Where where) const;

  CollectiveContext on_;
  std::unique_ptr<Communicator> inside_, between_;
};

}  // namespace shardpipe
