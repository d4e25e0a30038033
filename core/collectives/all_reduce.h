// all_reduce, eight ways: inout of every rank = sum (maximum) over ranks of inout, in place, any
// shape, f32, bf16 and i32. Letters: n ranks, lg = log2, S bytes of the tensor, k chunks; p the
// largest power of two <= n, e = n - p.
//
//                        steps, longest path   bytes, busiest rank   scratch, bytes
//   naive                n                     (n-1) S               S on rank 0
//   ring                 2 (n-1)               2 (n-1)/n S           2 S/n
//   recursive_doubling   lg n                  lg n S                S
//   halving_doubling     2 lg n                2 (n-1)/n S           S/2
//   binomial_tree        2 ceil(lg n)          ceil(lg n) S          S
//   two_tree             2 (k - 1 + lg p)      2 S                   S/k
//   one_shot             1                     (n-1) S               (n-1) S
//   two_shot             2                     2 (n-1)/n S           (n-1)/n S
//
// recursive_doubling and halving_doubling work on p ranks. If e > 0, rank p + i first hands its
// tensor to rank i and later gets the result back: 2 steps more, 2 S more, scratch S. (Rabenseifner
// folds halves and saves S; MPICH pairs neighbours.) Exact figures of each rank: traffic.h.
// Which one is fastest, by size, ranks and machine: choose.h. Pictures: docs/collectives.md.
//
// Floats: every algorithm gives all ranks the same bits. Where several ranks compute one sum
// (recursive_doubling, one_shot) they take its terms in the same order, the lower rank's first;
// elsewhere one rank computes it and hands it on. Two algorithms may differ in the last bits, and a
// bf16 sum is rounded at each addition (Communicator::all_reduce: once).
//
// One rank or no elements: nothing is done. Errors: messages carry the name of their algorithm, so
// ranks that call different algorithms or sizes end with a sentence that names both, even where the
// messages of two algorithms would fit each other (binomial_tree and recursive_doubling on some
// ranks of four; MPI and NCCL would give wrong numbers).
#pragma once

#include <string_view>

#include "core/collectives/collective.h"

namespace shardpipe {

enum class AllReduceAlgorithm : std::uint8_t {
  naive,
  ring,
  recursive_doubling,
  halving_doubling,
  binomial_tree,
  two_tree,
  one_shot,
  two_shot,
  hierarchical,  // hierarchical.h: needs groups of its own
};

const char* name_of(AllReduceAlgorithm algorithm);
// All but hierarchical.
const std::vector<AllReduceAlgorithm>& flat_all_reduce_algorithms();
AllReduceAlgorithm parse_all_reduce_algorithm(std::string_view name);  // usage error: lists names

// hierarchical is refused: HierarchicalAllReduce.
void all_reduce(Tensor inout, ReduceOp op, AllReduceAlgorithm algorithm,
                const CollectiveContext& on, Where where = Where::here());

// Rank 0 receives the tensors one after another and adds them in rank order, then sends the sum to
// all: its link carries everything.
void all_reduce_naive(Tensor inout, ReduceOp op, const CollectiveContext& on,
                      Where where = Where::here());

// reduce_scatter and all_gather around a ring (gather.h): Patarasuk & Yuan, JPDC 69(2), 2009.
void all_reduce_ring(Tensor inout, ReduceOp op, const CollectiveContext& on,
                     Where where = Where::here());

// At distance 1, 2, 4, ... pairs swap all they have and add: Thakur, Rabenseifner & Gropp,
// "Optimization of collective communication operations in MPICH", IJHPCA 19(1), 2005, section 4.5.
void all_reduce_recursive_doubling(Tensor inout, ReduceOp op, const CollectiveContext& on,
                                   Where where = Where::here());

// reduce_scatter at distance p/2, ..., 2, 1, each time half as much; all_gather the way back:
// Rabenseifner, "Optimization of collective reduction operations", ICCS 2004; Thakur et al.
void all_reduce_halving_doubling(Tensor inout, ReduceOp op, const CollectiveContext& on,
                                 Where where = Where::here());

// Reduce to rank 0 along a binomial tree, broadcast back along it: Thakur et al.
void all_reduce_binomial_tree(Tensor inout, ReduceOp op, const CollectiveContext& on,
                              Where where = Where::here());

// Half of the tensor along each of two binary trees, in `chunks` chunks that follow each other. A
// rank has children in one of the trees at most, so both directions of its link are in use:
// Sanders, Speck & Traeff, "Two-tree algorithms for full bandwidth broadcast, reduction and scan",
// Parallel Computing 35(12), 2009; NCCL's "tree". Differs: reduction and broadcast do not overlap.
void all_reduce_two_tree(Tensor inout, ReduceOp op, int chunks, const CollectiveContext& on,
                         Where where = Where::here());
int two_tree_chunks(double bytes);  // what all_reduce takes: one for 2 MiB, 1 to 64

// Every rank sends its tensor to every other; each adds all in rank order. One step.
void all_reduce_one_shot(Tensor inout, ReduceOp op, const CollectiveContext& on,
                         Where where = Where::here());

// reduce_scatter and all_gather, each in one step (gather.h, direct).
void all_reduce_two_shot(Tensor inout, ReduceOp op, const CollectiveContext& on,
                         Where where = Where::here());

}  // namespace shardpipe
