// How day01_reduce_scatter is graded.
#include "exercises/day01_collectives/day01_reduce_scatter.h"

#include <cmath>

#include "labs/grade/data.h"
#include "labs/grade/day01/ring_budgets.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

struct Size {
  int ranks;
  Index elements;
};

// Part `rank` of the sum over ranks.
std::map<std::string, Wanted64> want(Data data, std::uint64_t seed, Size size, int rank) {
  Wanted64 part;
  const Index first = first_of_part(size.elements, size.ranks, rank);
  const Index count = elements_of_part(size.elements, size.ranks, rank);
  double largest = 0;
  for (Index i = first; i < first + count; ++i) {
    double sum = 0, magnitude = 0;
    for (int r = 0; r < size.ranks; ++r) {
      sum += number_of(data, seed, r, i);
      magnitude += std::abs(number_of(data, seed, r, i));
    }
    part.values.push_back(sum);
    largest = std::max(largest, magnitude);
  }
  // n terms, each of which was rounded to float: Higham, section 3.1.
  if (!is_exact(data)) part.bound = std::ldexp(1, -24) * (size.ranks + 1) * largest;
  return {{"out", part}};
}

std::string explain(Data data, Size size, const std::string& name, double got) {
  if (name == "in") return "`in` is to be left as it is";
  if (data == Data::who) return ranks_in(got, size.ranks);
  if (data != Data::where) return "";
  const double i = got / size.ranks - 1;
  if (i != std::floor(i) || i < 0 || i >= static_cast<double>(size.elements)) return "";
  return text("that is the sum of number ", i, ", which lies in part ",
              part_of(size.elements, size.ranks, static_cast<Index>(i)));
}

DeviceCase make_case(const ReduceScatterAnswer& answer, Data data, std::uint64_t seed, Size size) {
  return {.name = text(size.ranks, " ranks, ", size.elements, " numbers, ", words_of(data)),
          .grid = {.tp = size.ranks},
          .program =
              [=](RankContext& ctx) {
                const Tensor in(ctx.device, {size.elements});
                const Tensor out(ctx.device,
                                 {elements_of_part(size.elements, size.ranks, ctx.rank)});
                ctx.math.upload(in, numbers_of(data, seed, ctx.rank, size.elements), ctx.compute);
                ctx.begin_window();
                answer.ring_reduce_scatter(out, Parts(in, size.ranks),
                                           {ctx.tp, ctx.math, ctx.device, ctx.compute});
                ctx.end_window();
                return HeldTensors{{"out", out}, {"in", in}};
              },
          .want =
              [=](int rank) {
                auto wanted = want(data, seed, size, rank);
                Wanted64& in = wanted["in"];  // is left as it is
                for (const float x : numbers_of(data, seed, rank, size.elements))
                  in.values.push_back(x);
                in.bound = wanted["out"].bound;
                return wanted;
              },
          .budgets = ring_budgets(size.ranks, size.elements, RingPhase::reduce_scatter),
          .explain = [=](int, const std::string& name, std::size_t,
                         double got) { return explain(data, size, name, got); }};
}

std::vector<DeviceCase> cases_of(const ReduceScatterAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const Size size : {Size{4, 8}, Size{3, 10}, Size{5, 23}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, size));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_reduce_scatter() {
  return make_graded(cases_of, &ReduceScatterAnswer::ring_reduce_scatter);
}

}  // namespace shardpipe
