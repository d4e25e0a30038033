// all_gather and reduce_scatter, three ways. Letters: n ranks, S bytes of the full tensor.
//
//              steps       bytes a rank sends   scratch: all_gather, reduce_scatter
//   ring       n-1         (n-1)/n S            0, 2 S/n
//   bruck      ceil(lg n)  (n-1)/n S            S, 3/2 S
//   direct     1           (n-1)/n S            0, (n-1)/n S
//
// No algorithm sends less: a rank has n-1 parts that others need, or needs n-1 parts that others
// have. They differ in steps, and in who talks to whom: ring only with two neighbours, which suits
// any network; bruck with lg n ranks; direct with all, which needs a switch that carries it.
// Sources. ring: Patarasuk & Yuan, JPDC 69(2), 2009. bruck: Bruck, Ho, Kipnis, Upfal & Weathersby,
// "Efficient algorithms for all-to-all communications in multiport message-passing systems", IEEE
// TPDS 8(11), 1997; the reduce_scatter is its all_gather run backwards. docs/collectives.md.
// Every part is summed by one rank in one order. Errors as Communicator's own collectives.
#pragma once

#include <string_view>

#include "core/collectives/collective.h"

namespace shardpipe {

enum class GatherAlgorithm : std::uint8_t { ring, bruck, direct };

const char* name_of(GatherAlgorithm algorithm);
const std::vector<GatherAlgorithm>& gather_algorithms();
GatherAlgorithm parse_gather_algorithm(std::string_view name);  // usage error: lists the names

// out [n, in...] = in of every rank, in rank order. `in` may be this rank's part of `out`.
void all_gather(Tensor out, Tensor in, GatherAlgorithm algorithm, const CollectiveContext& on,
                Where where = Where::here());

// out = part `rank` of the sum (maximum) over ranks of in; `in` is left as it is, or `out` may be
// its part `rank`.
void reduce_scatter(Tensor out, Tensor in, ReduceOp op, GatherAlgorithm algorithm,
                    const CollectiveContext& on, Where where = Where::here());

// ---- Over parts that may differ by an element: what all_reduce is put together from. n parts.
// all_gather in place: part r of rank r becomes part r of every rank.
void all_gather_ring(const Parts& parts, const CollectiveContext& on, Where where = Where::here());
void all_gather_direct(const Parts& parts, const CollectiveContext& on,
                       Where where = Where::here());

// out = part `rank`, reduced. out may be in[rank]; the other parts are left as they are.
void reduce_scatter_ring(Tensor out, const Parts& in, ReduceOp op, const CollectiveContext& on,
                         Where where = Where::here());
void reduce_scatter_direct(Tensor out, const Parts& in, ReduceOp op, const CollectiveContext& on,
                           Where where = Where::here());

}  // namespace shardpipe
