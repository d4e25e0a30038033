#include "core/cost/collective_cost.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "core/base/error.h"

namespace shardpipe {
namespace {

int ceil_log2(int n) { return std::bit_width(static_cast<unsigned>(n - 1)); }

Traffic all_reduce_traffic(Algorithm algorithm, int n, double bytes) {
  const double both_ways = 2.0 * (n - 1) / n * bytes;
  switch (algorithm) {
    case Algorithm::ring: return {2 * (n - 1), both_ways};
    case Algorithm::tree: return {2 * ceil_log2(n), both_ways};
    case Algorithm::one_shot: return {1, (n - 1) * bytes};
    case Algorithm::two_shot: return {2, both_ways};
    case Algorithm::in_switch: return {2, bytes};
    case Algorithm::hierarchical: break;
  }
  fail(ExitCode::fault, "hierarchical has no traffic of its own: hierarchical_s");
}

// all_gather; reduce_scatter is its mirror image.
Traffic all_gather_traffic(Algorithm algorithm, int n, double bytes) {
  const double one_way = (n - 1.0) / n * bytes;
  if (algorithm == Algorithm::ring) return {n - 1, one_way};
  if (algorithm == Algorithm::tree) return {ceil_log2(n), one_way};
  return {1, one_way};
}

Traffic broadcast_traffic(Algorithm algorithm, int n, double bytes) {
  if (algorithm == Algorithm::ring) return {n - 1, bytes};
  if (algorithm == Algorithm::tree) return {ceil_log2(n), bytes};
  if (algorithm == Algorithm::one_shot) return {1, (n - 1) * bytes};
  return {2, 2.0 * (n - 1) / n * bytes};
}

double without_base_s(OpKind kind, const Method& method, int ranks, double bytes) {
  if (ranks == 1) return 0;
  if (!has_traffic(kind, method.algorithm)) return std::numeric_limits<double>::infinity();
  const Traffic traffic = traffic_of(kind, method.algorithm, ranks, bytes);
  return traffic.steps * method.step_s + traffic.bytes / method.bytes_per_s;
}

}  // namespace

const char* name_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::ring: return "ring";
    case Algorithm::tree: return "tree";
    case Algorithm::one_shot: return "one_shot";
    case Algorithm::two_shot: return "two_shot";
    case Algorithm::in_switch: return "in_switch";
    case Algorithm::hierarchical: return "hierarchical";
  }
  return "?";
}

bool has_traffic(OpKind kind, Algorithm algorithm) {
  if (algorithm == Algorithm::hierarchical) return false;
  if (kind == OpKind::all_reduce) return true;
  return algorithm != Algorithm::in_switch &&
         (kind == OpKind::all_gather || kind == OpKind::reduce_scatter ||
          kind == OpKind::broadcast);
}

Traffic traffic_of(OpKind kind, Algorithm algorithm, int ranks, double bytes) {
  if (!has_traffic(kind, algorithm))
    fail(ExitCode::fault, text(name_of(algorithm), " is no algorithm for ", name_of(kind)));
  if (kind == OpKind::all_reduce) return all_reduce_traffic(algorithm, ranks, bytes);
  if (kind == OpKind::broadcast) return broadcast_traffic(algorithm, ranks, bytes);
  return all_gather_traffic(algorithm, ranks, bytes);
}

double collective_s(OpKind kind, const Method& method, int ranks, double bytes) {
  return ranks == 1 ? 0 : method.base_s + without_base_s(kind, method, ranks, bytes);
}

Placement place(const std::vector<int>& world_ranks, int ranks_per_node) {
  // Groups list their ranks node by node, so that nodes are runs; a group that goes back to an
  // earlier node is sorted first. One division a run, not a rank: this is the hot path.
  Placement at{.ranks = static_cast<int>(world_ranks.size()), .nodes = 0, .ranks_per_node = 0};
  int first = 0, end = 0, on_node = 0;  // world ranks of the present node: [first, end)
  for (const int rank : world_ranks) {
    if (rank < first) {
      std::vector<int> sorted = world_ranks;
      std::sort(sorted.begin(), sorted.end());
      return place(sorted, ranks_per_node);
    }
    if (rank >= end) {
      ++at.nodes;
      on_node = 0;
      first = rank / ranks_per_node * ranks_per_node;
      end = first + ranks_per_node;
    }
    at.ranks_per_node = std::max(at.ranks_per_node, ++on_node);
  }
  return at;
}

double hierarchical_s(OpKind kind, const Method& inside, const Method& between, Placement at,
                      double bytes) {
  const Method ring{Algorithm::ring, 0, between.step_s, between.bytes_per_s};
  const int g = at.ranks_per_node;
  // A broadcast has no parts: every rank hands on the whole tensor.
  const double part = kind == OpKind::broadcast ? bytes : bytes / g;
  const double between_s = without_base_s(kind, ring, at.nodes, part);
  const double inside_s = kind == OpKind::all_reduce
                              ? without_base_s(OpKind::reduce_scatter, inside, g, bytes) +
                                    without_base_s(OpKind::all_gather, inside, g, bytes)
                              : without_base_s(kind, inside, g, bytes);
  return std::max(inside.base_s, between.base_s) + inside_s + between_s;
}

}  // namespace shardpipe
