#include "labs/day04_communication/answered_sums.h"

#include <algorithm>

#include "core/cost/hardware.h"
#include "core/cost/roofline.h"
#include "exercises/day04_communication/day04_bucketing.h"
#include "labs/answers.h"

namespace shardpipe {
namespace {

constexpr int kOfEachSize = 4;

// Of the described machine, also where the run is on this one: what a start costs here would have
// to be measured first.
SumCosts costs_of(const LabOptions& o) {
  const Hardware machine = load_hardware(o.hardware);
  const Placement at{.ranks = o.grid.tp, .nodes = 1, .ranks_per_node = o.grid.tp};
  return {.start_s = choose_algorithm(machine, OpKind::all_reduce, at, 0).seconds,
          .copy_start_s = std::max(machine.launch_s, machine.kernel_minimum_s),
          .memory_bytes_per_s = machine.memory_bytes_per_s};
}

// Numbers of each tensor. Without numbers up to sizes that no bucket is worth.
std::vector<Index> sizes_of(const LabOptions& o) {
  const Index largest = o.device == "modelled" ? Index{64} << 20 : Index{64} << 10;
  std::vector<Index> elements;
  for (Index n = 1 << 10; n <= largest; n *= 8)
    for (int i = 0; i < kOfEachSize; ++i) elements.push_back(n);
  return elements;
}

// Rank r brings the numbers "x<r>" of each tensor. Alone, one rank adds up those of all `ranks`.
LabProgram make_program(RankContext& ctx, const LabOptions& o, const SumMany& sum_many) {
  const bool alone = ctx.tp.size() == 1;
  const int begin = alone ? 0 : ctx.tp.rank(), end = alone ? o.grid.tp : begin + 1;
  auto inputs = std::make_shared<std::vector<std::vector<Tensor>>>();  // by tensor, then rank
  auto sums = std::make_shared<std::vector<Tensor>>();
  for (const Index elements : sizes_of(o)) {
    std::vector<Tensor> brought;
    for (int r = begin; r < end; ++r)
      brought.push_back(make_input(ctx, text("x", r, ".", sums->size()), 1, elements, DType::f32,
                                   integer_fill(o.seed)));
    inputs->push_back(std::move(brought));
    sums->emplace_back(ctx.device, Shape{elements});
  }
  const auto step = [=, &ctx](int) {
    for (std::size_t k = 0; k < sums->size(); ++k) {
      ctx.math.copy((*sums)[k], (*inputs)[k][0], ctx.compute);
      for (std::size_t r = 1; r < (*inputs)[k].size(); ++r)
        ctx.math.add((*sums)[k], (*sums)[k], flat((*inputs)[k][r]), ctx.compute);
    }
    if (!alone) sum_many(*sums, {ctx.tp, ctx.math, ctx.device, ctx.compute});
  };
  const auto numbers = [=, &ctx] {
    std::vector<RankPart> all;
    for (std::size_t k = 0; k < sums->size(); ++k)
      all.push_back(whole_part(text("sum of tensor ", k), (*sums)[k], ctx));
    return all;
  };
  return {.step = step, .numbers = numbers};
}

}  // namespace

SumMany answered_sums(const LabOptions& o) {
  const auto answer = load_answer<BucketingAnswer>("day04_bucketing");
  const double largest = answer.break_even_bytes(costs_of(o));
  return [=](const std::vector<Tensor>& tensors, const CollectiveContext& on) {
    answer.sum_all(tensors, largest, on);
  };
}

LabResult run_answered_sums(const std::string& lab, const LabOptions& o) {
  const SumMany sum_many = answered_sums(o);
  return run_lab(lab, o,
                 {.shape = {},
                  .dtype = DType::f32,
                  .steps = steps_of(o),
                  .make = [&](RankContext& ctx) { return make_program(ctx, o, sum_many); },
                  .against = "one rank that adds what all of them bring"});
}

}  // namespace shardpipe
