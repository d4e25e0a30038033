#include "labs/grade/day04/overlap.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace shardpipe {
namespace {

constexpr double kStepNs = 1000, kBytesOfFloat = 4;

const Lane& lane_of(const Trace& trace, const Span& span) {
  return trace.lanes[static_cast<std::size_t>(span.lane)];
}

// Barriers are the window's.
bool is_collective(const Span& span) {
  return is_communication(span.kind) && span.kind != OpKind::barrier;
}

// By its shape, "[4, 8] x [8, 3]".
bool is_product(const Trace& trace, const Span& span) {
  return span.shape >= 0 &&
         trace.shapes[static_cast<std::size_t>(span.shape)].find(" x ") != std::string::npos;
}

std::set<std::int32_t> lanes_that_multiply(const Trace& trace, int rank) {
  std::set<std::int32_t> lanes;
  for (const Span& span : trace.spans)
    if (lane_of(trace, span).rank == rank && is_product(trace, span)) lanes.insert(span.lane);
  return lanes;
}

}  // namespace

double product_ns(Index rows, Index columns, Index inner) {
  return 2.0 * static_cast<double>(rows * columns * inner);
}

double pass_ns(Index elements) { return static_cast<double>(elements); }

double all_reduce_ns(Index elements, int ranks) { return 2 * all_gather_ns(elements, ranks); }

double all_gather_ns(Index all_elements, int ranks) {
  const double steps = ranks - 1.0;
  return steps * kStepNs + steps / ranks * kBytesOfFloat * static_cast<double>(all_elements);
}

double pipelined_ns(double begin_ns, const std::vector<double>& products,
                    const std::vector<double>& sums) {
  double product_end = begin_ns, sum_end = begin_ns;
  for (std::size_t i = 0; i < products.size(); ++i) {
    product_end += products[i];
    sum_end = std::max(product_end, sum_end) + sums[i];
  }
  return sum_end;
}

Budget about_as_fast_as(double ns) {
  return nanoseconds_taken([=](int) { return std::ceil(1.01 * ns); });
}

Budget no_collectives_beside_products() {
  const auto count = [](const RunFacts& facts, int rank) {
    const std::set<std::int32_t> multiply = lanes_that_multiply(facts.trace, rank);
    double found = 0;
    for (const Span& span : facts.trace.spans)
      found +=
          is_collective(span) && multiply.size() == 1 && multiply.count(span.lane) != 0 ? 1 : 0;
    return found;
  };
  return {.dimension = Dimension::schedule,
          .what = "collectives on the stream that multiplies, where no product can hide them",
          .measure = count,
          .most = [](int) { return 0; }};
}

Budget first_collective_by(Limit most) {
  const auto begin = [](const RunFacts& facts, int rank) {
    std::int64_t first = facts.wall_ns;
    for (const Span& span : facts.trace.spans)
      if (is_collective(span) && lane_of(facts.trace, span).rank == rank)
        first = std::min(first, span.ready_ns);
    return static_cast<double>(first);
  };
  return {.dimension = Dimension::schedule,
          .what = "ns until its first collective begins",
          .measure = begin,
          .most = std::move(most)};
}

}  // namespace shardpipe
