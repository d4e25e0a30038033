// The four moves of activations between "every rank has all columns" and "every rank has its
// share". Each is the backward of another: gather_columns / own_columns, and all_reduce / nothing.
// Letters: T tokens, F columns in all, t ranks. With one rank they return what they were given.
// Sentences about them name the line of their caller.
#pragma once

#include "core/context/rank_context.h"

namespace shardpipe {

// x [T,F/t] of every rank -> [T,F] on every rank. All-gather of T F elements, then a copy that puts
// the ranks' parts side by side.
Tensor gather_columns(Tensor x, RankContext& ctx, Where where = Where::here());

// x [T,F] -> this rank's columns [T,F/t]. No communication.
Tensor own_columns(Tensor x, RankContext& ctx, Where where = Where::here());

// The same for rows, between "every rank has all tokens" and "every rank has T/t of them" (sequence
// parallelism). Each is the backward of the other, if what all ranks have is a partial sum.
// x [T/t,D] of every rank -> [T,D] on every rank. All-gather of T D elements.
Tensor gather_rows(Tensor x, RankContext& ctx, OnStream on);
inline Tensor gather_rows(Tensor x, RankContext& ctx, Where where = Where::here()) {
  return gather_rows(x, ctx, OnStream(ctx.compute, where));
}
// x [T,D], a partial sum -> this rank's rows [T/t,D] of the sum over ranks. Reduce-scatter of T D
// elements. Usage error unless t divides T.
Tensor reduce_rows(Tensor x, RankContext& ctx, OnStream on);
inline Tensor reduce_rows(Tensor x, RankContext& ctx, Where where = Where::here()) {
  return reduce_rows(x, ctx, OnStream(ctx.compute, where));
}

// Throws a usage error unless `what` divides evenly among the tensor-parallel ranks.
Index share_of(Index size, const char* what, RankContext& ctx);

}  // namespace shardpipe
