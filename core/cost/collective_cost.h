// What a collective costs under the alpha-beta model: seconds = base + steps * step + bytes / rate.
// Letters: n ranks, S bytes of the full tensor, g ranks a node, m nodes (n = m g), lg = ceil(log2).
//
// steps, and bytes a rank sends:
//                 all_reduce                   all_gather, reduce_scatter   broadcast
//   ring          2 (n-1)     2 (n-1)/n S      n-1       (n-1)/n S          n-1    S
//   tree          2 lg n      2 (n-1)/n S      lg n      (n-1)/n S          lg n   S
//   one_shot      1           (n-1) S          1         (n-1)/n S          1      (n-1) S
//   two_shot      2           2 (n-1)/n S      1         (n-1)/n S          2      2 (n-1)/n S
//   in_switch     2           S                -                            -
//
// No all_reduce that only sends and adds moves fewer than 2 (n-1)/n S bytes a rank: Patarasuk &
// Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", JPDC 69(2), 2009,
// whose ring reaches it. tree: recursive halving and doubling, and NCCL's double binary tree:
// Thakur, Rabenseifner & Gropp, "Optimization of collective communication operations in MPICH",
// IJHPCA 19(1), 2005. one_shot: every rank reads every other's tensor. two_shot: every rank reduces
// its n-th part, then all read all parts. in_switch: the switch adds (NVLink SHARP, "NVLS" in the
// NCCL user guide, NCCL_ALGO): S up and S down at once, which beats the bound above.
#pragma once

#include <cstdint>
#include <vector>

#include "core/device/op_info.h"

namespace shardpipe {

enum class Algorithm : std::uint8_t { ring, tree, one_shot, two_shot, in_switch, hierarchical };

const char* name_of(Algorithm algorithm);

struct Traffic {
  int steps = 0;
  double bytes = 0;  // sent by a rank
};

// One way of a library to run collectives on one kind of link.
struct Method {
  Algorithm algorithm = Algorithm::ring;
  double base_s = 0;       // once a collective: start of the kernel, meeting of the ranks
  double step_s = 0;       // alpha: once a step
  double bytes_per_s = 1;  // 1 / beta: what a rank sends
};

// Whether the table above has an entry. hierarchical is composed of two others: hierarchical_s.
bool has_traffic(OpKind kind, Algorithm algorithm);
Traffic traffic_of(OpKind kind, Algorithm algorithm, int ranks, double bytes);

// 0 for one rank; infinity where the algorithm has no such collective.
double collective_s(OpKind kind, const Method& method, int ranks, double bytes);

inline double all_reduce_s(double bytes, int ranks, const Method& method) {
  return collective_s(OpKind::all_reduce, method, ranks, bytes);
}

// Where the ranks of a group sit.
struct Placement {
  int ranks = 1;
  int nodes = 1;
  int ranks_per_node = 1;  // on the fullest node

  bool even() const { return ranks == nodes * ranks_per_node; }
};

// World rank r sits on node r / ranks_per_node.
Placement place(const std::vector<int>& world_ranks, int ranks_per_node);

// Two levels, for an even placement; the collective is paid one base.
//   all_reduce      reduce_scatter of S inside, all_reduce of S/g between nodes, all_gather of S
//   all_gather      all_gather of S/g between nodes, all_gather of S inside (reduce_scatter:
//   mirror) broadcast       broadcast of S between nodes, broadcast of S inside
// Between nodes, the g ranks of a node work at the same time, each on its part, in a ring of m.
double hierarchical_s(OpKind kind, const Method& inside, const Method& between, Placement at,
                      double bytes);

}  // namespace shardpipe
