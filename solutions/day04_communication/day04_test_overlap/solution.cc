// Day 4: a test for overlap.                                     ./lab check day04_test_overlap
//
// Somebody hands you programs that are said to overlap the sums of a row-parallel linear with its
// products, in pieces. Their numbers tell little: most wrong overlaps are right in every bit. Write
// the test that looks at what they did: "" if a program is right, and else why it is not. It is
// tried on two right programs and on five wrong ones, each of several sizes. Each wrong one that it
// finds, in every size, earns a fifth of the points; one false alarm costs all of them.
//
// With n pieces, a program is right if
//   1. it runs to its end: the device names races and deadlocks;
//   2. each piece is multiplied once and summed once, by itself, and the sums have all of y;
//   3. products follow each other without a gap;
//   4. a sum begins as soon as its product and the sum before it have ended.
// Nothing else counts: not which piece comes first, and not how long the pieces are.
//
//   n = 3, products take 4, 4 and 5, a sum 3     product   0000111122222
//                                                sum           000 111  222
//
// The order of `products` and `sums` is that in which they began.
#include "exercises/day04_communication/day04_test_overlap.h"

namespace shardpipe::answer {

std::string fault_in(const OverlapRun& run) {
  // >>> region 1: "" for a right overlap, a reason for any other one (about 20 lines)
  if (!run.stopped_by.empty()) return run.stopped_by;
  const auto n = static_cast<std::size_t>(run.pieces);
  std::set<int> multiplied, summed;
  std::int64_t bytes = 0;
  for (const PieceRan& product : run.products) multiplied.insert(product.piece);
  for (const PieceRan& sum : run.sums) {
    summed.insert(sum.piece);
    bytes += sum.bytes;
  }
  if (run.products.size() != n || run.sums.size() != n || multiplied.size() != n ||
      summed != multiplied)
    return text(run.products.size(), " products and ", run.sums.size(), " sums of ", n, " pieces");
  if (bytes != 4 * run.tokens * run.outputs) return text(bytes, " bytes are summed");
  for (std::size_t i = 0; i < n; ++i) {
    const PieceRan &product = run.products[i], &sum = run.sums[i];
    if (i > 0 && product.begin_ns != run.products[i - 1].end_ns)
      return text("the products wait in front of piece ", product.piece);
    const std::int64_t before = i > 0 ? run.sums[i - 1].end_ns : 0;
    if (sum.piece != product.piece || sum.begin_ns != std::max(product.end_ns, before))
      return text("the sum of piece ", sum.piece, " does not begin when it could");
  }
  return "";
  // <<< region 1
}

}  // namespace shardpipe::answer

extern "C" void shardpipe_answer(shardpipe::OverlapTestAnswer& answer) {
  answer = {.what_is_wrong = shardpipe::answer::fault_in};
}
