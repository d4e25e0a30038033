// The formulas of overlap are the times of the grader's machine, its budgets see streams, and the
// known overlaps are what they are said to be.
#include "labs/grade/day04/overlap.h"

#include <algorithm>
#include <cmath>

#include "labs/grade/day04/known_overlaps.h"
#include "labs/grade/streams_picture.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

const OverlapSize kLongProducts{
    .row = {.grid = {.tp = 3}, .tokens = 10, .outputs = 7, .shard = 400}, .pieces = 4};
const OverlapSize kLongSums{.row = {.grid = {.tp = 5}, .tokens = 7, .outputs = 9, .shard = 16},
                            .pieces = 3};

// A product and a sum, on these streams; the sum waits for the product.
RunFacts facts_of(Stream& (*product_on)(RankContext&), Stream& (*sum_on)(RankContext&)) {
  return run_on_grading_machine(
      {.name = "a product and its sum", .grid = {.tp = 3}, .program = [=](RankContext& ctx) {
         const Tensor a(ctx.device, {4, 4}), y(ctx.device, {4, 4});
         ctx.begin_window();
         ctx.math.gemm(y, a, Transpose::no, a, Transpose::no, {}, product_on(ctx));
         sum_on(ctx).wait(product_on(ctx).record());
         ctx.tp.all_reduce(y, sum_on(ctx));
         ctx.end_window();
         return HeldTensors{};
       }});
}

Stream& compute(RankContext& ctx) { return ctx.compute; }
Stream& comm(RankContext& ctx) { return ctx.comm; }

const KnownOverlap& known(const std::string& what) {
  for (const KnownOverlap& one : known_overlaps())
    if (one.what == what) return one;
  throw std::runtime_error(what);
}

bool has_gaps(const OverlapRun& run) {
  for (std::size_t i = 1; i < run.products.size(); ++i)
    if (run.products[i].begin_ns != run.products[i - 1].end_ns) return true;
  return false;
}

}  // namespace

TEST_CASE("the times of products and sums are those of the grader's machine") {
  for (const OverlapSize& size : {kLongProducts, kLongSums}) {
    INFO(size.words());
    const OverlapRun run = run_overlap(known("sums under the next products"), size);
    REQUIRE(run.stopped_by.empty());
    std::vector<double> products, sums;
    for (int i = 0; i < size.pieces; ++i) {
      const Index rows =
          size.row.tokens * (i + 1) / size.pieces - size.row.tokens * i / size.pieces;
      products.push_back(product_ns(rows, size.row.outputs, size.row.shard));
      sums.push_back(all_reduce_ns(rows * size.row.outputs, size.row.grid.tp));
    }
    const double begin = pass_ns(size.row.tokens * size.row.shard);
    CHECK(static_cast<double>(run.products[0].begin_ns) == begin);
    const double end = pipelined_ns(begin, products, sums);
    CHECK(std::abs(static_cast<double>(run.sums.back().end_ns) - end) <= size.pieces);  // rounding
  }
}

TEST_CASE("collectives count where nothing else multiplies, whatever the stream is called") {
  const Budget beside = no_collectives_beside_products();
  CHECK(beside.measure(facts_of(compute, compute), 1) == 1);
  CHECK(beside.measure(facts_of(comm, comm), 1) == 1);
  CHECK(beside.measure(facts_of(compute, comm), 1) == 0);
  CHECK(beside.measure(facts_of(comm, compute), 1) == 0);
}

TEST_CASE("the first collective begins behind its product") {
  const Budget first = first_collective_by([](int) { return 0; });
  CHECK(first.measure(facts_of(compute, comm), 2) == product_ns(4, 4, 4));
}

TEST_CASE(
    "the picture of a run has two lines a rank, of two ranks at most, and once what both do") {
  const std::vector<std::string> lines = streams_picture(facts_of(compute, comm));
  const auto rows = [&](const char* word) {
    return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(word) != std::string::npos && line.find('%') != std::string::npos;
    });
  };
  CHECK(rows("compute") == 1);
  CHECK(rows("comm") == 1);
  CHECK(lines[1].find("ranks 0,1 (2)") == 0);
}

TEST_CASE("right overlaps run without a gap, and wrong ones each break what they are said to") {
  for (const OverlapSize& size : {kLongProducts, kLongSums}) {
    INFO(size.words());
    const std::int64_t all = 4 * size.row.tokens * size.row.outputs;
    const auto bytes = [](const OverlapRun& run) {
      std::int64_t sum = 0;
      for (const PieceRan& one : run.sums) sum += one.bytes;
      return sum;
    };
    for (const KnownOverlap& one : known_overlaps()) {
      INFO(one.what);
      const OverlapRun run = run_overlap(one, size);
      const std::string what = one.what;
      CHECK(run.stopped_by.empty() == (what != "an overlap that never waits for its sums"));
      CHECK((run.sums.size() == 1) == (what == "an overlap that sums y in one call"));
      CHECK((bytes(run) == all) ==
            (what != "an overlap that leaves out the rows that do not divide"));
      CHECK(has_gaps(run) == (what == "an overlap that waits for each sum at once"));
      const bool late = run.sums[0].begin_ns > run.products[0].end_ns;
      CHECK(late == (what == "an overlap whose sums begin behind the last product" ||
                     what == "an overlap that sums y in one call"));
      CHECK(std::string(one.fault).empty() == one.is_right);
    }
  }
}

}  // namespace shardpipe
