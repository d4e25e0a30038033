// How day01_blocking_send is graded. A rank's forward adds its numbers to what came, and so does
// its backward; the last rank's gradient is its own output. So a result says which ranks it has
// passed.
#include "exercises/day01_collectives/day01_blocking_send.h"

#include <cmath>

#include "core/schedule/builders.h"
#include "labs/grade/budgets.h"
#include "labs/grade/data.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

struct Size {
  int ranks, microbatches;
  Index elements;
};

// What comes in as micro-batch k is numbered behind the ranks, so that under `who` it has a digit.
double input(Data data, std::uint64_t seed, Size size, int k, Index i) {
  return number_of(data, seed, size.ranks + k, i);
}

std::vector<float> inputs(Data data, std::uint64_t seed, Size size) {
  std::vector<float> all;
  for (int k = 0; k < size.microbatches; ++k)
    for (Index i = 0; i < size.elements; ++i)
      all.push_back(static_cast<float>(input(data, seed, size, k, i)));
  return all;
}

std::string words_of(const Action& a) {
  return text(a.kind == ActionKind::F ? "F" : "B", a.microbatch);
}

// The order is part of the task: who runs another action than the next one is told so.
std::function<void(const Action&)> computing(const PipelineStage& stage, const Tensor& own,
                                             RankContext& ctx) {
  const auto done = std::make_shared<std::size_t>(0);
  const bool is_last = ctx.tp.rank() == ctx.tp.size() - 1;
  return [=, &ctx](const Action& a) {
    if (*done >= stage.order.size() || !(stage.order[*done] == a))
      fail(ExitCode::wrong,
           text("the order of the actions must stay: behind the first ", *done, " comes ",
                *done < stage.order.size() ? words_of(stage.order[*done]) : "none", ", and ",
                words_of(a), " was computed"));
    ++*done;
    const auto row = [&](const Tensor& x) { return flat(x.slice(a.microbatch, 1)); };
    if (a.kind == ActionKind::B)
      return ctx.math.add(row(stage.dx), row(stage.dy), own, ctx.compute);
    ctx.math.add(row(stage.y), row(stage.x), own, ctx.compute);
    if (is_last) ctx.math.copy(row(stage.dy), row(stage.y), ctx.compute);
  };
}

HeldTensors run(const BlockingSendAnswer& answer, Data data, std::uint64_t seed, Size size,
                RankContext& ctx) {
  const int rank = ctx.tp.rank();
  const auto made = [&] { return Tensor(ctx.device, {size.microbatches, size.elements}); };
  const Tensor own(ctx.device, {size.elements});
  PipelineStage stage{.x = made(), .y = made(), .dx = made(), .dy = made()};
  stage.order = build_schedule("1f1b", size.ranks, size.microbatches, 1)
                    .ranks[static_cast<std::size_t>(rank)];
  ctx.math.upload(own, numbers_of(data, seed, rank, size.elements), ctx.compute);
  if (rank == 0) ctx.math.upload(stage.x, inputs(data, seed, size), ctx.compute);
  stage.compute = computing(stage, own, ctx);
  ctx.begin_window();
  answer.run(stage, {ctx.tp, ctx.math, ctx.device, ctx.compute});
  ctx.end_window();
  return {{"x", stage.x}, {"dy", stage.dy}, {"dx", stage.dx}};
}

// Of micro-batch k: the input and the forward of ranks 0 .. forwards-1 and the backward of the last
// `backwards` ranks, added up.
Wanted64 passed(Data data, std::uint64_t seed, Size size, int forwards, int backwards) {
  Wanted64 all;
  double largest = 0;
  for (int k = 0; k < size.microbatches; ++k)
    for (Index i = 0; i < size.elements; ++i) {
      double sum = input(data, seed, size, k, i), magnitude = std::abs(sum);
      const auto add = [&](int rank) {
        sum += number_of(data, seed, rank, i);
        magnitude += std::abs(number_of(data, seed, rank, i));
      };
      for (int rank = 0; rank < forwards; ++rank) add(rank);
      for (int rank = size.ranks - backwards; rank < size.ranks; ++rank) add(rank);
      all.values.push_back(sum);
      largest = std::max(largest, magnitude);
    }
  // That many terms, each of which was rounded to float: Higham, section 3.1.
  if (!is_exact(data)) all.bound = std::ldexp(1, -24) * (forwards + backwards + 2) * largest;
  return all;
}

std::vector<Term> terms(Size size) {
  std::vector<Term> all;
  for (int rank = 0; rank < size.ranks; ++rank) all.push_back({text("rank ", rank)});
  for (int k = 0; k < size.microbatches; ++k) all.push_back({text("micro-batch ", k), false});
  return all;
}

DeviceCase make_case(const BlockingSendAnswer& answer, Data data, std::uint64_t seed, Size size) {
  const int n = size.ranks;
  const auto is_neighbour = [](int rank, const MessageInfo& m) {
    return std::abs(m.peer - rank) == 1;
  };
  const double bytes = 4.0 * static_cast<double>(size.microbatches * size.elements);
  return {.name = text(n, " ranks, ", size.microbatches, " micro-batches, ", words_of(data)),
          .grid = {.tp = n},
          .program = [=](RankContext& ctx) { return run(answer, data, seed, size, ctx); },
          .want =
              [=](int rank) {
                return std::map<std::string, Wanted64>{
                    {"x", passed(data, seed, size, rank, 0)},
                    {"dy", passed(data, seed, size, n, n - 1 - rank)},
                    {"dx", passed(data, seed, size, n, n - rank)}};
              },
          .budgets = {no_collectives(), bytes_sent([=](int rank) {
                        return bytes * ((rank > 0 ? 1 : 0) + (rank < n - 1 ? 1 : 0));
                      }),
                      no_messages_but(is_neighbour, "messages with a rank that is no neighbour")},
          .explain = [=](int, const std::string&, std::size_t, double got) -> std::string {
            return data == Data::who ? terms_in(got, terms(size)) : "";
          }};
}

std::vector<DeviceCase> cases_of(const BlockingSendAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const Size size : {Size{3, 5, 4}, Size{4, 4, 3}, Size{2, 6, 2}, Size{5, 3, 3}})
    for (const Data data : {Data::who, Data::where, Data::integers, Data::reals})
      cases.push_back(make_case(answer, data, seed, size));
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_blocking_send() {
  return make_graded(cases_of, &BlockingSendAnswer::run);
}

}  // namespace shardpipe
