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
  not_written(1);
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::RingMatmulAnswer& answer) {
  answer = {.ring_gather_multiply = shardpipe::answer::ring_gather_multiply};
}
