// How day01_all_gather is graded. Every rank's other parts hold numbers before, too: 8^rank under
// `who`, so that a part that was added to, or never came, says so; 0 under `where`.
#include "exercises/day01_collectives/day01_all_gather.h"

#include <cmath>

#include "labs/grade/data.h"
#include "labs/grade/day01/ring_budgets.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

struct Size {
  int ranks;
  Index elements;

  int part_of(Index i) const { return shardpipe::part_of(elements, ranks, i); }
};

std::vector<float> before(Data data, std::uint64_t seed, Size size, int rank) {
  std::vector<float> numbers = numbers_of(data, seed, rank, size.elements);
  for (Index i = 0; data == Data::where && i < size.elements; ++i)
    if (size.part_of(i) != rank) numbers[static_cast<std::size_t>(i)] = 0;
  return numbers;
}

// Numbers are moved and not computed with, so reals arrive bit by bit, too.
Wanted64 gathered(Data data, std::uint64_t seed, Size size) {
  Wanted64 all;
  for (Index i = 0; i < size.elements; ++i)
    all.values.push_back(static_cast<float>(number_of(data, seed, size.part_of(i), i)));
  return all;
}

std::string explain(Data data, Size size, double got) {
  for (int rank = 0; data == Data::who && rank < size.ranks; ++rank)
    if (got == number_of(data, 0, rank, 0)) return text("that is what rank ", rank, " brought");
  if (data == Data::who) return ranks_in(got, size.ranks, Missing::is_fine);
  if (data != Data::where) return "";
  if (got == 0) return "that is what was there before";
  const auto i = static_cast<Index>(got) - 1;
  if (i < 0 || i >= size.elements) return "";
  return text("that is number ", i, ", which belongs into part ", size.part_of(i));
}

DeviceCase make_case(const AllGatherAnswer& answer, Data data, std::uint64_t seed, Size size) {
  return {.name = text(size.ranks, " ranks, ", size.elements, " numbers, ", words_of(data)),
          .grid = {.tp = size.ranks},
          .program =
              [=](RankContext& ctx) {
                const Tensor all(ctx.device, {size.elements});
                ctx.math.upload(all, before(data, seed, size, ctx.rank), ctx.compute);
                ctx.begin_window();
                answer.ring_all_gather(Parts(all, size.ranks),
                                       {ctx.tp, ctx.math, ctx.device, ctx.compute});
                ctx.end_window();
                return HeldTensors{{"all", all}};
              },
          .want =
              [=](int) {
                return std::map<std::string, Wanted64>{{"all", gathered(data, seed, size)}};
              },
          .budgets = ring_budgets(size.ranks, size.elements, RingPhase::all_gather),
          .explain = [=](int, const std::string&, std::size_t,
                         double got) { return explain(data, size, got); }};
}

std::vector<DeviceCase> make_cases(const AllGatherAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const Size size : {Size{4, 8}, Size{3, 10}, Size{5, 23}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, size));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_all_gather() {
  return make_graded(make_cases, &AllGatherAnswer::ring_all_gather);
}

}  // namespace shardpipe
