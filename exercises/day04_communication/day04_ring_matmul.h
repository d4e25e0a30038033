// A gather in a ring under the products that use it: what there is to write, and what it is given.
// Letters: T tokens, D features, t ranks of the tensor-parallel group (t divides T).
#pragma once

#include <functional>

#include "core/context/rank_context.h"
#include "exercises/not_written.h"

namespace shardpipe {

// multiply(part, rows): uses rows [T/t,D] of part `part`, on ctx.compute. In forward that is rows
// [part T/t, (part + 1) T/t) of y [T,F/t] += rows W_i^T. It reads rows when its turn comes on that
// stream, not when it is called.
using MultiplyPart = std::function<void(int part, const Tensor& rows)>;

// The layers in front and behind work on ctx.compute: x may still be written there when you are
// called, and x and `all` are used there when you have returned. A race with them is reported as
// one with `scale`, which is what the grader puts in their place.
struct RingMatmulAnswer {
  // all [T,D], which nobody has written = x [T/t,D] of every rank, in rank order. multiply is
  // called once for each part. x is left as it is. t >= 2.
  void (*ring_gather_multiply)(Tensor all, const Tensor& x, const MultiplyPart& multiply,
                               RankContext& ctx) = nullptr;
  //   ctx.tp.rank(), ctx.tp.size()
  //   ctx.tp.exchange({{Direction::send, peer, a}, {Direction::recv, peer, b}}, ctx.comm)
  //                                       both messages at once, on stream ctx.comm
  //   ctx.math.copy(out, in, ctx.compute)
  //   all.slice(first, count)             rows first .. of it, without a copy
  //   const Event e = ctx.comm.record();  the end of what was submitted to ctx.comm so far
  //   ctx.compute.wait(e)                 what is submitted to ctx.compute from now on comes
  //                                       after e; an Event that was only declared: no wait
  //   The same the other way around: ctx.comm.wait(ctx.compute.record()).
};

}  // namespace shardpipe

// Written at the end of the answer: what the grader calls.
extern "C" [[gnu::visibility("default")]] void shardpipe_answer(
    shardpipe::RingMatmulAnswer& answer);
