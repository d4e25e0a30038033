// The choice by name, and the algorithms that are put together from others.
#include "core/collectives/all_reduce.h"

#include "core/collectives/gather.h"

namespace shardpipe {

const char* name_of(AllReduceAlgorithm algorithm) {
  switch (algorithm) {
    case AllReduceAlgorithm::naive: return "naive";
    case AllReduceAlgorithm::ring: return "ring";
    case AllReduceAlgorithm::recursive_doubling: return "recursive_doubling";
    case AllReduceAlgorithm::halving_doubling: return "halving_doubling";
    case AllReduceAlgorithm::binomial_tree: return "binomial_tree";
    case AllReduceAlgorithm::two_tree: return "two_tree";
    case AllReduceAlgorithm::one_shot: return "one_shot";
    case AllReduceAlgorithm::two_shot: return "two_shot";
    case AllReduceAlgorithm::hierarchical: return "hierarchical";
  }
  return "?";
}

const std::vector<AllReduceAlgorithm>& flat_all_reduce_algorithms() {
  using enum AllReduceAlgorithm;
  static const std::vector<AllReduceAlgorithm> all = {
      naive,         ring,     recursive_doubling, halving_doubling,
      binomial_tree, two_tree, one_shot,           two_shot};
  return all;
}

AllReduceAlgorithm parse_all_reduce_algorithm(std::string_view name) {
  std::string names;
  for (const AllReduceAlgorithm a : flat_all_reduce_algorithms()) {
    if (name == name_of(a)) return a;
    names += std::string(name_of(a)) + ", ";
  }
  if (name == name_of(AllReduceAlgorithm::hierarchical)) return AllReduceAlgorithm::hierarchical;
  usage_error(text("no algorithm '", name, "' (allowed: ", names, "hierarchical)"));
}

void all_reduce(Tensor inout, ReduceOp op, AllReduceAlgorithm algorithm,
                const CollectiveContext& on, Where where) {
  switch (algorithm) {
    case AllReduceAlgorithm::naive: return all_reduce_naive(inout, op, on, where);
    case AllReduceAlgorithm::ring: return all_reduce_ring(inout, op, on, where);
    case AllReduceAlgorithm::recursive_doubling:
      return all_reduce_recursive_doubling(inout, op, on, where);
    case AllReduceAlgorithm::halving_doubling:
      return all_reduce_halving_doubling(inout, op, on, where);
    case AllReduceAlgorithm::binomial_tree: return all_reduce_binomial_tree(inout, op, on, where);
    case AllReduceAlgorithm::two_tree:
      return all_reduce_two_tree(inout, op, two_tree_chunks(static_cast<double>(inout.bytes())), on,
                                 where);
    case AllReduceAlgorithm::one_shot: return all_reduce_one_shot(inout, op, on, where);
    case AllReduceAlgorithm::two_shot: return all_reduce_two_shot(inout, op, on, where);
    case AllReduceAlgorithm::hierarchical: break;
  }
  fail("all_reduce: hierarchical needs groups of its own, make a HierarchicalAllReduce");
}

void all_reduce_naive(Tensor inout, ReduceOp op, const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.named("all_reduce naive", where);
  if (is_trivial(inout, on)) return;
  if (on.rank() != 0) {
    on.exchange({send_to(0, inout)});
    on.exchange({recv_from(0, inout)});
    return;
  }
  Tensor theirs(on.device, inout.shape(), inout.dtype());
  std::vector<Message> answers;
  for (int peer = 1; peer < on.size(); ++peer) {
    on.exchange({recv_from(peer, theirs)});
    on.math.reduce_local(inout, inout, theirs, op, on.here());
    answers.push_back(send_to(peer, inout));
  }
  on.exchange(answers);
}

void all_reduce_ring(Tensor inout, ReduceOp op, const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.named("all_reduce ring", where);
  if (is_trivial(inout, on)) return;
  const Parts parts(inout, on.size());
  reduce_scatter_ring(parts[on.rank()], parts, op, on);
  all_gather_ring(parts, on);
}

void all_reduce_one_shot(Tensor inout, ReduceOp op, const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.named("all_reduce one_shot", where);
  if (is_trivial(inout, on)) return;
  Tensor theirs(on.device, {on.size() - 1, inout.elements()}, inout.dtype());
  std::vector<Message> messages;
  std::vector<Tensor> terms;
  for (int peer = 0; peer < on.size(); ++peer) {
    if (peer == on.rank()) {
      terms.push_back(flat(inout));
      continue;
    }
    terms.push_back(flat(theirs.slice(peer < on.rank() ? peer : peer - 1, 1)));
    messages.push_back(send_to(peer, inout));
    messages.push_back(recv_from(peer, terms.back()));
  }
  on.exchange(messages);
  reduce_in_rank_order(flat(inout), terms, op, on);
}

void all_reduce_two_shot(Tensor inout, ReduceOp op, const CollectiveContext& plain, Where where) {
  const CollectiveContext on = plain.named("all_reduce two_shot", where);
  if (is_trivial(inout, on)) return;
  const Parts parts(inout, on.size());
  reduce_scatter_direct(parts[on.rank()], parts, op, on);
  all_gather_direct(parts, on);
}

}  // namespace shardpipe
