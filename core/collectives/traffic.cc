#include "core/collectives/traffic.h"

#include <bit>
#include <set>

#include "core/collectives/trees.h"

namespace shardpipe {
namespace {

int floor_log2(int n) { return std::bit_width(static_cast<unsigned>(n)) - 1; }
int ceil_log2(int n) { return std::bit_width(static_cast<unsigned>(n - 1)); }

// Bytes of parts first .. first + count - 1 of n.
double part_bytes(const TrafficQuery& q, int n, int first, int count = 1) {
  const Index elements =
      first_of_part(q.elements, n, first + count) - first_of_part(q.elements, n, first);
  return static_cast<double>(elements * size_of(q.dtype));
}

double tensor_bytes(const TrafficQuery& q) { return part_bytes(q, 1, 0); }

Traffic naive(const TrafficQuery& q) {
  const double S = tensor_bytes(q);
  return q.rank == 0 ? Traffic{q.ranks, (q.ranks - 1) * S} : Traffic{2, S};
}

// Around the ring, all parts but one; then all but the next one.
Traffic ring(const TrafficQuery& q) {
  const int next = (q.rank + 1) % q.ranks;
  return {2 * (q.ranks - 1),
          2 * tensor_bytes(q) - part_bytes(q, q.ranks, q.rank) - part_bytes(q, q.ranks, next)};
}

// What being answered for, or answering for another rank, adds to an algorithm on p ranks.
Traffic with_extra_ranks(const TrafficQuery& q, int p, Traffic traffic) {
  const double S = tensor_bytes(q);
  if (q.rank >= p) return {2, S};
  if (q.rank + p < q.ranks) return {traffic.steps + 2, traffic.bytes + S};
  return traffic;
}

Traffic recursive_doubling(const TrafficQuery& q) {
  const int lg = floor_log2(q.ranks);
  return with_extra_ranks(q, 1 << lg, {lg, lg * tensor_bytes(q)});
}

Traffic halving_doubling(const TrafficQuery& q) {
  const int lg = floor_log2(q.ranks), p = 1 << lg;
  if (q.rank >= p) return with_extra_ranks(q, p, {});
  // Halving: every part but the own one leaves once. Doubling: a block of 1, 2, 4, ... parts.
  double bytes = tensor_bytes(q) - part_bytes(q, p, q.rank);
  for (int d = 1; d < p; d *= 2) bytes += part_bytes(q, p, q.rank / d * d, d);
  return with_extra_ranks(q, p, {2 * lg, bytes});
}

Traffic binomial_tree(const TrafficQuery& q) {
  const TreeNode node = binomial_node(q.rank, q.ranks);
  const int edges = static_cast<int>(node.children.size()) + (node.parent >= 0);
  return {2 * edges, edges * tensor_bytes(q)};
}

// Steps of the reduction in which a rank has a chunk to move: those from parent_level - 1 on for
// its parents, from level - 1 on for its children, `chunks` of them each. The broadcast has as
// many.
int two_tree_busy_steps(const TrafficQuery& q, int chunks) {
  std::set<int> busy;
  const auto add = [&](int level) {
    for (int chunk = 0; chunk < chunks; ++chunk) busy.insert(level - 1 + chunk);
  };
  for (const int tree : {0, 1}) {
    const TreeNode node = two_tree_node(q.rank, q.ranks, tree);
    if (node.parent >= 0) add(node.parent_level);
    if (!node.children.empty()) add(node.level);
  }
  return static_cast<int>(busy.size());
}

// Up once to a parent and down once to each child, in both trees.
Traffic two_tree(const TrafficQuery& q) {
  const int chunks = q.chunks > 0 ? q.chunks : two_tree_chunks(tensor_bytes(q));
  double bytes = 0;
  for (const int tree : {0, 1}) {
    const TreeNode node = two_tree_node(q.rank, q.ranks, tree);
    bytes +=
        static_cast<double>(node.children.size() + (node.parent >= 0)) * part_bytes(q, 2, tree);
  }
  return {2 * two_tree_busy_steps(q, chunks), bytes};
}

Traffic two_shot(const TrafficQuery& q) {
  const double mine = part_bytes(q, q.ranks, q.rank);
  return {2, tensor_bytes(q) - mine + (q.ranks - 1) * mine};
}

}  // namespace

Traffic traffic_of(AllReduceAlgorithm algorithm, const TrafficQuery& q) {
  if (q.ranks == 1 || q.elements == 0) return {};
  switch (algorithm) {
    case AllReduceAlgorithm::naive: return naive(q);
    case AllReduceAlgorithm::ring: return ring(q);
    case AllReduceAlgorithm::recursive_doubling: return recursive_doubling(q);
    case AllReduceAlgorithm::halving_doubling: return halving_doubling(q);
    case AllReduceAlgorithm::binomial_tree: return binomial_tree(q);
    case AllReduceAlgorithm::two_tree: return two_tree(q);
    case AllReduceAlgorithm::one_shot: return {1, (q.ranks - 1) * tensor_bytes(q)};
    case AllReduceAlgorithm::two_shot: return two_shot(q);
    case AllReduceAlgorithm::hierarchical: break;
  }
  fail(ExitCode::fault, "traffic_of: hierarchical has two groups: hierarchical_traffic");
}

Traffic hierarchical_traffic(const TrafficQuery& q, int ranks_per_node) {
  const int g = ranks_per_node, local = q.rank % g;
  TrafficQuery inside = q, between = q;
  inside.ranks = g, inside.rank = local;
  between.ranks = q.ranks / g, between.rank = q.rank / g;
  between.elements = elements_of_part(q.elements, g, local);
  const Traffic a = traffic_of(AllReduceAlgorithm::ring, inside);
  const Traffic b = traffic_of(AllReduceAlgorithm::ring, between);
  return {a.steps + b.steps, a.bytes + b.bytes};
}

Traffic traffic_of(GatherAlgorithm algorithm, const TrafficQuery& q) {
  if (q.ranks == 1 || q.elements == 0) return {};
  const double bytes = tensor_bytes(q) - part_bytes(q, q.ranks, q.rank);
  if (algorithm == GatherAlgorithm::ring) return {q.ranks - 1, bytes};
  if (algorithm == GatherAlgorithm::bruck) return {ceil_log2(q.ranks), bytes};
  return {1, bytes};
}

}  // namespace shardpipe
