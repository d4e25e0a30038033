#include "core/cost/roofline.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "core/base/error.h"

namespace shardpipe {
namespace {

// A flat collective over ranks of several nodes: all its traffic crosses the border of each node
// once, over the network of all of the node's ranks, and a step is as slow as its slowest hop.
Method flat_across_nodes(const Method& method, const Hardware& hardware, Placement at) {
  const Link& between = hardware.between;
  Method flat = method;
  flat.bytes_per_s = std::min({at.ranks_per_node * method.bytes_per_s, between.node_bytes_per_s,
                               hardware.inside.bytes_per_s});
  return flat;
}

// The part of a hierarchical collective between nodes: all ranks of a node send at the same time.
Method shared_between_nodes(const Method& method, const Hardware& hardware, Placement at) {
  Method shared = method;
  shared.bytes_per_s =
      std::min(method.bytes_per_s, hardware.between.node_bytes_per_s / at.ranks_per_node);
  return shared;
}

Choice fastest_inside(const Hardware& hardware, OpKind kind, int ranks, double bytes) {
  Choice best{.algorithm = Algorithm::ring, .seconds = INFINITY};
  for (const Method& method : hardware.inside.methods) {
    const double s = collective_s(kind, method, ranks, bytes);
    if (s < best.seconds) best = {method.algorithm, s};
  }
  return best;
}

std::int64_t to_ns(double seconds) { return std::llround(seconds * 1e9); }

}  // namespace

Choice choose_algorithm(const Hardware& hardware, OpKind kind, Placement at, double bytes) {
  if (at.nodes == 1) return fastest_inside(hardware, kind, at.ranks, bytes);
  Choice best{.algorithm = Algorithm::ring, .seconds = INFINITY};
  for (const Method& method : hardware.between.methods) {
    if (method.algorithm != Algorithm::hierarchical) {
      const double s = collective_s(kind, flat_across_nodes(method, hardware, at), at.ranks, bytes);
      if (s < best.seconds) best = {method.algorithm, s};
    } else if (at.even() && at.ranks_per_node > 1) {
      const Method between = shared_between_nodes(method, hardware, at);
      for (const Method& inside : hardware.inside.methods) {
        const double s = hierarchical_s(kind, inside, between, at, bytes);
        if (s < best.seconds) best = {Algorithm::hierarchical, s};
      }
    }
  }
  return best;
}

RooflineModel::RooflineModel(Hardware hardware) : hardware_(std::move(hardware)) {}

std::int64_t RooflineModel::launch_ns() const { return to_ns(hardware_.launch_s); }

std::int64_t RooflineModel::duration_ns(const OpInfo& op) const {
  if (op.kind == OpKind::compute) return to_ns(compute_s(op));
  require(op.group != nullptr, "RooflineModel: a communication without a group");
  if (op.group->size() <= 1) return 0;
  if (op.kind == OpKind::exchange) return to_ns(exchange_s(op));
  const Placement at = placement_of(*op.group);
  if (op.kind == OpKind::barrier) {
    const Link& slowest = at.nodes == 1 ? hardware_.inside : hardware_.between;
    return to_ns(std::bit_width(static_cast<unsigned>(at.ranks - 1)) * slowest.latency_s);
  }
  return to_ns(choose_algorithm(hardware_, op.kind, at, static_cast<double>(op.bytes)).seconds);
}

double RooflineModel::compute_s(const OpInfo& op) const {
  const Throughput& rate = op.dtype == DType::bf16 ? hardware_.bf16 : hardware_.f32;
  return std::max({rate.seconds(op.flops), op.bytes / hardware_.memory_bytes_per_s,
                   hardware_.kernel_minimum_s});
}

double RooflineModel::exchange_s(const OpInfo& op) const {
  struct Side {
    double sent = 0, received = 0;
    bool used = false;
    double seconds(const Link& link) const {
      return used ? link.latency_s + std::max(sent, received) / link.bytes_per_s : 0;
    }
  };
  const std::vector<int>& ranks = op.group->ranks;
  const int per_node = hardware_.ranks_per_node;
  const Placement at = placement_of(*op.group);
  Side inside, between;
  for (const MessageInfo& m : op.messages) {
    // Without the own rank (OpInfo::rank is -1) any pair may be the slow one.
    const bool near =
        at.nodes == 1 || (op.rank >= 0 && ranks[op.rank] / per_node == ranks[m.peer] / per_node);
    Side& side = near ? inside : between;
    side.used = true;
    (m.is_send ? side.sent : side.received) += static_cast<double>(m.bytes);
  }
  return std::max(inside.seconds(hardware_.inside), between.seconds(hardware_.between));
}

Placement RooflineModel::placement_of(const Group& group) const {
  int highest = 0;
  for (const int rank : group.ranks) highest = std::max(highest, rank);
  if (highest >= hardware_.max_ranks()) check_ranks(hardware_, highest + 1);
  if (hardware_.nodes == 1)
    return {.ranks = group.size(), .nodes = 1, .ranks_per_node = group.size()};
  return place(group.ranks, hardware_.ranks_per_node);
}

}  // namespace shardpipe
