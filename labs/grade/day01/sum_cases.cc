#include "labs/grade/day01/sum_cases.h"

#include <cmath>

namespace shardpipe {
namespace {

Wanted64 wanted_sum(SumSize size, Data data, std::uint64_t seed) {
  Wanted64 sum;
  double largest = 0;
  for (Index i = 0; i < size.elements; ++i) {
    double total = 0, magnitude = 0;
    for (int r = 0; r < size.ranks; ++r) {
      total += number_of(data, seed, r, i);
      magnitude += std::abs(number_of(data, seed, r, i));
    }
    sum.values.push_back(size.factor * total);
    largest = std::max(largest, std::abs(size.factor) * magnitude);
  }
  // n terms, each of which was rounded to float: Higham, section 3.1.
  if (!is_exact(data)) sum.bound = std::ldexp(1, -24) * (size.ranks + 1) * largest;
  return sum;
}

std::string explain(SumSize size, Data data, double got) {
  if (data == Data::who) {
    const std::string made_of = ranks_in(got / size.factor, size.ranks);
    if (size.factor == 1 || made_of.empty()) return made_of;
    return text("that is ", size.factor, " of what is ", made_of);
  }
  if (data != Data::where) return "";
  const double i = got / size.factor / size.ranks - 1;
  if (i != std::floor(i) || i < 0 || i >= static_cast<double>(size.elements)) return "";
  return text("that is what belongs to number ", i);
}

}  // namespace

DeviceCase sum_case(const std::string& words, SumSize size, Data data, std::uint64_t seed,
                    SumProgram program, std::vector<Budget> budgets) {
  return {.name = text(words, size.ranks, " ranks, ", size.elements, " numbers, ", words_of(data)),
          .grid = {.tp = size.ranks},
          .program =
              [=](RankContext& ctx) {
                const Tensor x(ctx.device, {size.elements});
                ctx.math.upload(x, numbers_of(data, seed, ctx.rank, size.elements), ctx.compute);
                ctx.begin_window();
                program(x, ctx);
                ctx.end_window();
                return HeldTensors{{"x", x}};
              },
          .want =
              [=](int) {
                return std::map<std::string, Wanted64>{{"x", wanted_sum(size, data, seed)}};
              },
          .budgets = std::move(budgets),
          .explain = [=](int, const std::string&, std::size_t,
                         double got) { return explain(size, data, got); }};
}

std::vector<Data> data_for(bool is_last) {
  std::vector<Data> all = {Data::who, Data::where};
  if (is_last) all.insert(all.end(), {Data::integers, Data::reals});
  return all;
}

}  // namespace shardpipe
