// The all_reduces whose partner is a rank with one bit changed. Letters as in all_reduce.h: p ranks
// work, the e = n - p others are answered for by a partner each.
#include <bit>

#include "core/collectives/all_reduce.h"

namespace shardpipe {
namespace {

int working_ranks(int n) { return static_cast<int>(std::bit_floor(static_cast<unsigned>(n))); }

// The extra rank that this one answers for, or -1.
int extra_of(const CollectiveContext& on) {
  const int extra = on.rank() + working_ranks(on.size());
  return extra < on.size() ? extra : -1;
}

// What two ranks that both compute it must agree on: the lower one's operand comes first.
void reduce_lower_first(const Tensor& mine, const Tensor& theirs, int peer, ReduceOp op,
                        const CollectiveContext& on) {
  const bool is_lower = on.rank() < peer;
  on.math.reduce_local(mine, is_lower ? mine : theirs, is_lower ? theirs : mine, op, on.here());
}

void swap_and_reduce(const Tensor& keep, const Tensor& give, const Tensor& buffer, int peer,
                     ReduceOp op, const CollectiveContext& on) {
  const Tensor theirs = buffer.slice(0, keep.elements());
  on.exchange({send_to(peer, give), recv_from(peer, theirs)});
  reduce_lower_first(keep, theirs, peer, op, on);
}

// An extra rank's whole part in it.
void be_answered_for(const Tensor& x, const CollectiveContext& on) {
  const int partner = on.rank() - working_ranks(on.size());
  on.exchange({send_to(partner, x)});
  on.exchange({recv_from(partner, x)});
}

void take_in_extra(const Tensor& x, const Tensor& buffer, ReduceOp op,
                   const CollectiveContext& on) {
  const int extra = extra_of(on);
  if (extra < 0) return;
  on.exchange({recv_from(extra, buffer)});
  reduce_lower_first(x, buffer, extra, op, on);
}

void answer_extra(const Tensor& x, const CollectiveContext& on) {
  if (const int extra = extra_of(on); extra >= 0) on.exchange({send_to(extra, x)});
}

// reduce_scatter over p parts: from all parts to part `rank`, by halves.
void halve(const Parts& parts, const Tensor& buffer, ReduceOp op, const CollectiveContext& on) {
  int first = 0, last = parts.count();
  for (int d = parts.count() / 2; d >= 1; d /= 2) {
    const bool keeps_upper = (on.rank() & d) != 0;
    const Tensor lower = parts.range(first, first + d), upper = parts.range(first + d, last);
    swap_and_reduce(keeps_upper ? upper : lower, keeps_upper ? lower : upper, buffer, on.rank() ^ d,
                    op, on);
    (keeps_upper ? first : last) = first + d;
  }
}

// all_gather: from part `rank` to all parts, by doubling.
void collect(const Parts& parts, const CollectiveContext& on) {
  for (int d = 1; d < parts.count(); d *= 2) {
    const int mine = on.rank() / d * d, theirs = mine ^ d;  // first of d parts
    on.exchange({send_to(on.rank() ^ d, parts.range(mine, mine + d)),
                 recv_from(on.rank() ^ d, parts.range(theirs, theirs + d))});
  }
}

}  // namespace

void all_reduce_recursive_doubling(Tensor inout, ReduceOp op, const CollectiveContext& plain,
                                   Where where) {
  const CollectiveContext on = plain.named("all_reduce recursive_doubling", where);
  if (is_trivial(inout, on)) return;
  const int p = working_ranks(on.size());
  const Tensor x = flat(inout);
  if (on.rank() >= p) return be_answered_for(x, on);
  const Tensor buffer(on.device, x.shape(), x.dtype());
  take_in_extra(x, buffer, op, on);
  for (int d = 1; d < p; d *= 2) swap_and_reduce(x, x, buffer, on.rank() ^ d, op, on);
  answer_extra(x, on);
}

void all_reduce_halving_doubling(Tensor inout, ReduceOp op, const CollectiveContext& plain,
                                 Where where) {
  const CollectiveContext on = plain.named("all_reduce halving_doubling", where);
  if (is_trivial(inout, on)) return;
  const int p = working_ranks(on.size());
  const Tensor x = flat(inout);
  if (on.rank() >= p) return be_answered_for(x, on);
  const Parts parts(x, p);
  const bool whole = extra_of(on) >= 0;  // else the first half is the longest that comes
  const Tensor buffer(on.device, {whole ? x.elements() : parts.range(0, p / 2).elements()},
                      x.dtype());
  take_in_extra(x, buffer, op, on);
  halve(parts, buffer, op, on);
  collect(parts, on);
  answer_extra(x, on);
}

}  // namespace shardpipe
