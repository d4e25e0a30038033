// How day04_bucketing is graded: region 1 by which tensors go into the bucket of region 2.
#include "exercises/day04_communication/day04_bucketing.h"

#include <cmath>

#include "labs/grade/budgets.h"
#include "labs/grade/graded_exercises.h"
#include "labs/grade/groups.h"

namespace shardpipe {
namespace {

struct Size {
  GridShape grid = {};
  std::vector<Index> elements = {};  // of each tensor
  SumCosts costs = {};

  std::vector<Index> small() const {  // those that belong into the bucket
    const double copies_s = costs.start_s - 2 * costs.copy_start_s;
    std::vector<Index> few;
    for (const Index n : elements)
      if (4.0 * static_cast<double>(4 * n) <= copies_s * costs.memory_bytes_per_s) few.push_back(n);
    return few;
  }
};

Index sum_of(const std::vector<Index>& numbers) {
  Index sum = 0;
  for (const Index n : numbers) sum += n;
  return sum;
}

// Number i of tensor `tensor`, as rank `rank` brings it; all places differ.
double brought(Data data, std::uint64_t seed, int rank, std::size_t tensor, Index i) {
  return number_of(data, seed, rank, static_cast<Index>(100 * tensor) + i);
}

Wanted64 wanted_sum(Data data, std::uint64_t seed, const Size& size, int rank, std::size_t tensor) {
  Wanted64 sum;
  const int t = size.grid.tp, first = rank / t * t;
  double largest = 0;
  for (Index i = 0; i < size.elements[tensor]; ++i) {
    double all = 0, magnitude = 0;
    for (int r = first; r < first + t; ++r) {
      all += brought(data, seed, r, tensor, i);
      magnitude += std::abs(brought(data, seed, r, tensor, i));
    }
    sum.values.push_back(all);
    largest = std::max(largest, magnitude);
  }
  // t terms, each of which was rounded to float: Higham, section 3.1.
  if (!is_exact(data)) sum.bound = std::ldexp(1, -24) * (t + 1) * largest;
  return sum;
}

std::string name_of_tensor(std::size_t tensor) { return text("tensor ", tensor); }

// Of two dimensions where the count is even.
Shape shape_of(Index elements) {
  return elements % 2 == 0 ? Shape{2, elements / 2} : Shape{elements};
}

HeldTensors run(const BucketingAnswer& answer, Data data, std::uint64_t seed, const Size& size,
                RankContext& ctx) {
  std::vector<Tensor> tensors;
  HeldTensors held;
  for (std::size_t k = 0; k < size.elements.size(); ++k) {
    std::vector<float> numbers;
    for (Index i = 0; i < size.elements[k]; ++i)
      numbers.push_back(static_cast<float>(brought(data, seed, ctx.rank, k, i)));
    tensors.emplace_back(ctx.device, shape_of(size.elements[k]));
    ctx.math.upload(tensors.back(), numbers, ctx.compute);
    held.push_back({name_of_tensor(k), tensors.back()});
  }
  ctx.begin_window();
  answer.sum_all(tensors, answer.break_even_bytes(size.costs),
                 {ctx.tp, ctx.math, ctx.device, ctx.compute});
  ctx.end_window();
  return held;
}

std::vector<Budget> budgets(const Size& size) {
  const Collectives sums{.kind = OpKind::all_reduce, .axis = "tp"};
  const std::vector<Index> small = size.small();
  const bool has_bucket = small.size() > 1;
  const auto saved = static_cast<int>(has_bucket ? small.size() - 1 : 0);
  const Index numbers = sum_of(size.elements), in_bucket = has_bucket ? sum_of(small) : 0;
  return {calls_of(sums, static_cast<int>(size.elements.size()) - saved),
          bytes_of(sums, 4 * numbers), no_calls_but(sums),
          bytes_held([=](int) { return 4.0 * static_cast<double>(numbers + in_bucket); })};
}

std::string explain(Data data, const Size& size, int rank, double got) {
  if (data == Data::who) return terms_in(got, digits(size.grid, rank, false));
  if (data != Data::where) return "";
  const double place = got / size.grid.tp - 1;
  if (place < 0 || place != std::floor(place)) return "";
  const auto at = static_cast<Index>(place);
  return text("that is the sum of number ", at % 100, " of tensor ", at / 100);
}

DeviceCase make_case(const BucketingAnswer& answer, Data data, std::uint64_t seed,
                     const Size& size) {
  return {.name = text(words_of(size.grid), ", ", size.elements.size(), " tensors, ",
                       size.small().size(), " of them small, ", words_of(data)),
          .grid = size.grid,
          .program = [=](RankContext& ctx) { return run(answer, data, seed, size, ctx); },
          .want =
              [=](int rank) {
                std::map<std::string, Wanted64> all;
                for (std::size_t k = 0; k < size.elements.size(); ++k)
                  all[name_of_tensor(k)] = wanted_sum(data, seed, size, rank, k);
                return all;
              },
          .budgets = budgets(size),
          .explain = [=](int rank, const std::string&, std::size_t,
                         double got) { return explain(data, size, rank, got); }};
}

std::vector<DeviceCase> cases_of(const BucketingAnswer& answer, std::uint64_t seed) {
  // Break-even at 30 bytes; copies that are never worth it; one small tensor.
  const SumCosts usual{.start_s = 4e-6, .copy_start_s = 0.5e-6, .memory_bytes_per_s = 4e7};
  const SumCosts dear_copies{.start_s = 1e-6, .copy_start_s = 0.6e-6, .memory_bytes_per_s = 4e7};
  std::vector<DeviceCase> cases;
  for (const Size& size :
       {Size{{.tp = 3, .dp = 2}, {1, 5, 9, 12, 16, 7, 25, 3}, usual},
        Size{{.tp = 4}, {2, 1, 9}, dear_copies}, Size{{.tp = 5}, {12, 5, 25}, usual}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, size));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_bucketing() {
  return make_graded(cases_of, &BucketingAnswer::break_even_bytes, &BucketingAnswer::sum_all);
}

}  // namespace shardpipe
