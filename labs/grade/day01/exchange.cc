// How day01_exchange is graded. Every number of an input is unlike all others of all ranks, so a
// wrong one says whose it is.
#include "exercises/day01_collectives/day01_exchange.h"

#include <cmath>

#include "labs/grade/budgets.h"
#include "labs/grade/data.h"
#include "labs/grade/day01/ring_budgets.h"
#include "labs/grade/graded_exercises.h"

namespace shardpipe {
namespace {

constexpr float kBefore = -1;           // in halo rows
constexpr double kNsOfExchange = 1000;  // and a byte takes 1 ns: solutions/grading.json

enum class Numbers { places, integers, reals };

const char* words_of(Numbers numbers) {
  if (numbers == Numbers::places) return "all numbers differ";
  return words_of(numbers == Numbers::integers ? Data::integers : Data::reals);
}

// Row 1 .. rows and column 0 .. of field 0 (u) or 1 (v). Places: rank 2, v, row 3, column 0: 2130.
float number_at(Numbers numbers, std::uint64_t seed, int rank, int field, Index row, Index column) {
  const auto place = static_cast<Index>(1000 * rank + 100 * field) + 10 * row + column;
  if (numbers == Numbers::places) return static_cast<float>(place);
  return static_cast<float>(
      number_of(numbers == Numbers::integers ? Data::integers : Data::reals, seed, rank, place));
}

std::string words_of_place(double number, int ranks, bool has_fields) {
  if (number == kBefore) return "that is what was there before";
  if (number < 0 || number >= 1000 * ranks || number != std::floor(number)) return "";
  const auto n = static_cast<Index>(number);
  const std::string place = text("[", n / 10 % 10, "][", n % 10, "] of rank ", n / 1000);
  if (!has_fields) return text("that is in[", n % 1000 - 10, "] of rank ", n / 1000);
  return text("that is ", n / 100 % 10 == 0 ? "u" : "v", place);
}

struct Size {
  int ranks;
  Index rows, columns;
};

std::vector<float> field_of(Numbers numbers, std::uint64_t seed, int rank, int field, Size size) {
  std::vector<float> all(static_cast<std::size_t>(size.columns), kBefore);
  for (Index row = 1; row <= size.rows; ++row)
    for (Index column = 0; column < size.columns; ++column)
      all.push_back(number_at(numbers, seed, rank, field, row, column));
  all.resize(all.size() + static_cast<std::size_t>(size.columns), kBefore);
  return all;
}

// The same with the halo rows that neighbours fill.
std::vector<double> wanted_field(Numbers numbers, std::uint64_t seed, int rank, int field,
                                 Size size) {
  const std::vector<float> own = field_of(numbers, seed, rank, field, size);
  std::vector<double> all(own.begin(), own.end());
  const Index last = size.rows + 1;
  for (Index column = 0; column < size.columns; ++column) {
    const auto above = static_cast<std::size_t>(column);
    const auto below = static_cast<std::size_t>(last * size.columns + column);
    if (rank > 0) all[above] = number_at(numbers, seed, rank - 1, field, size.rows, column);
    if (rank < size.ranks - 1) all[below] = number_at(numbers, seed, rank + 1, field, 1, column);
  }
  return all;
}

std::vector<float> row_of(Numbers numbers, std::uint64_t seed, int rank, Index count) {
  std::vector<float> all;
  for (Index i = 0; i < count; ++i) all.push_back(number_at(numbers, seed, rank, 0, 1, i));
  return all;
}

DeviceCase shift_case(const ExchangeAnswer& answer, Numbers numbers, std::uint64_t seed, int ranks,
                      Index count) {
  const auto program = [=](RankContext& ctx) {
    const Tensor in(ctx.device, {count}), out(ctx.device, {count});
    ctx.math.upload(in, row_of(numbers, seed, ctx.rank, count), ctx.compute);
    ctx.begin_window();
    answer.shift(out, in, {ctx.tp, ctx.math, ctx.device, ctx.compute});
    ctx.end_window();
    return HeldTensors{{"out", out}, {"in", in}};
  };
  const auto want = [=](int rank) {
    const auto row = [&](int r) {
      const std::vector<float> all = row_of(numbers, seed, r, count);
      return Wanted64{.values = {all.begin(), all.end()}};
    };
    return std::map<std::string, Wanted64>{{"out", row((rank + ranks - 1) % ranks)},
                                           {"in", row(rank)}};
  };
  const double bytes = 4.0 * static_cast<double>(count);
  return {.name = text("shift, ", ranks, " ranks, ", count, " numbers, ", words_of(numbers)),
          .grid = {.tp = ranks},
          .program = program,
          .want = want,
          .budgets = {no_collectives(), exchanges([](int) { return 1; }),
                      bytes_sent([=](int) { return bytes; }), only_around_the_ring(ranks),
                      nanoseconds_taken([=](int) { return kNsOfExchange + bytes; }),
                      bytes_held([=](int) { return 2 * bytes; })},
          .explain = [=](int, const std::string&, std::size_t, double got) -> std::string {
            return numbers == Numbers::places ? words_of_place(got, ranks, false) : "";
          }};
}

DeviceCase halo_case(const ExchangeAnswer& answer, Numbers numbers, std::uint64_t seed, Size size) {
  const auto program = [=](RankContext& ctx) {
    const Shape shape = {size.rows + 2, size.columns};
    const Tensor u(ctx.device, shape), v(ctx.device, shape);
    ctx.math.upload(u, field_of(numbers, seed, ctx.rank, 0, size), ctx.compute);
    ctx.math.upload(v, field_of(numbers, seed, ctx.rank, 1, size), ctx.compute);
    ctx.begin_window();
    answer.swap_halos(u, v, {ctx.tp, ctx.math, ctx.device, ctx.compute});
    ctx.end_window();
    return HeldTensors{{"u", u}, {"v", v}};
  };
  const auto want = [=](int rank) {
    return std::map<std::string, Wanted64>{
        {"u", {.values = wanted_field(numbers, seed, rank, 0, size)}},
        {"v", {.values = wanted_field(numbers, seed, rank, 1, size)}}};
  };
  const auto row_bytes = 4.0 * static_cast<double>(size.columns);
  const auto sent = [=](int rank) {
    return 2 * row_bytes * ((rank > 0 ? 1 : 0) + (rank < size.ranks - 1 ? 1 : 0));
  };
  const auto is_neighbour = [](int rank, const MessageInfo& m) {
    return std::abs(m.peer - rank) == 1;
  };
  const double most_sent = 2 * row_bytes * (size.ranks > 2 ? 2 : 1);
  return {
      .name = text("halos, ", size.ranks, " ranks, ", size.rows, " own rows, ", words_of(numbers)),
      .grid = {.tp = size.ranks},
      .program = program,
      .want = want,
      .budgets = {no_collectives(), exchanges([](int) { return 1; }), bytes_sent(sent),
                  no_messages_but(is_neighbour, "messages with a rank that is no neighbour"),
                  nanoseconds_taken([=](int) { return kNsOfExchange + most_sent; }),
                  bytes_held(
                      [=](int) { return 2 * row_bytes * static_cast<double>(size.rows + 2); })},
      .explain = [=](int, const std::string&, std::size_t, double got) -> std::string {
        return numbers == Numbers::places ? words_of_place(got, size.ranks, true) : "";
      }};
}

std::vector<DeviceCase> make_cases(const ExchangeAnswer& answer, std::uint64_t seed) {
  std::vector<DeviceCase> cases;
  for (const Numbers numbers : {Numbers::places, Numbers::integers, Numbers::reals}) {
    for (const int ranks : {3, 4, 5})
      cases.push_back(shift_case(answer, numbers, seed, ranks, ranks + 2));
    for (const Size size : {Size{3, 2, 3}, Size{4, 1, 5}, Size{5, 3, 2}})
      cases.push_back(halo_case(answer, numbers, seed, size));
  }
  return cases;
}

}  // namespace

std::unique_ptr<Graded> graded_exchange() {
  return make_graded(make_cases, &ExchangeAnswer::shift, &ExchangeAnswer::swap_halos);
}

}  // namespace shardpipe
