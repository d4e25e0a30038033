// Day 4: a gather in a ring, under the products.                  ./lab check day04_ring_matmul
//
// Under sequence parallelism a column linear multiplies all T tokens, of which a rank has T/t:
// first an all-gather, then the product, which waits for all of it. But the rank's own tokens are
// here from the start, and a product of T/t rows needs no others. So go around in a ring: multiply
// the part at hand while it travels on to rank + 1 and the next one comes from rank - 1.
//
//   rank 0 of 3, part p are the tokens that rank p brought
//     comm      | send 0, recv 2 | send 2, recv 1 |
//     compute   | multiply 0     | multiply 2     | multiply 1     |
//
//   rank 1:  multiplies 1, 0, 2     rank 2:  multiplies 2, 1, 0
//
// Messages run on ctx.comm, products on ctx.compute. Two streams know nothing of each other: what
// is sent must have been written, what is multiplied must have arrived, and each wait is for one
// such thing. A wait in front of a product that does not need it makes that product late.
//
// Allowed: t-1 exchanges, in each one part to rank + 1 and one from rank - 1; no collectives; no
// memory but `all`. Time, on a machine where the product of a part takes longer than its message: t
// products, one after the other without a gap.
#include "exercises/day04_communication/day04_ring_matmul.h"

namespace shardpipe::answer {

void ring_gather_multiply(Tensor all, const Tensor& x, const MultiplyPart& multiply,
                          RankContext& ctx) {
  // >>> region 1: all parts gathered and multiplied, messages under products (about 18 lines)
  const int t = ctx.tp.size(), rank = ctx.tp.rank();
  const Index rows = x.size(0);  // T/t
  const auto part = [&](int p) { return all.slice(p * rows, rows); };
  ctx.math.copy(part(rank), x, ctx.compute);
  ctx.comm.wait(ctx.compute.record());  // the own part is in its place
  for (int step = 0; step < t; ++step) {
    const int here = (rank - step + t) % t;  // arrived in the step before; first the own one
    const int coming = (rank - step - 1 + t) % t;
    Event arrived;
    if (step < t - 1) {
      ctx.tp.exchange({{Direction::send, (rank + 1) % t, part(here)},
                       {Direction::recv, (rank + t - 1) % t, part(coming)}},
                      ctx.comm);
      arrived = ctx.comm.record();
    }
    multiply(here, part(here));
    ctx.compute.wait(arrived);  // the next product needs the part that is coming
  }
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::RingMatmulAnswer& answer) {
  answer = {.ring_gather_multiply = shardpipe::answer::ring_gather_multiply};
}
