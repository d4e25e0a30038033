// Level of detail tells the truth: at every zoom the ink of a row is its busy time.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/random.h"
#include "tests/support/catch.h"
#include "viz/model/bars.h"

namespace shardpipe::viz {
namespace {

// Stretches with gaps; lengths and gaps follow 2^uniform, so that all sizes occur.
struct Shape {
  const char* name;
  int stretches;
  double shortest_log2, longest_log2, least_gap_log2, most_gap_log2;
};

constexpr Shape kShapes[] = {
    {"kernels", 20000, 8, 14, 0, 10},   {"sparse", 5000, 4, 8, 10, 14},
    {"all sizes", 20000, 0, 20, 0, 20}, {"dense", 20000, 10, 11, -8, -4},
    {"one stretch", 1, 20, 21, 0, 1},   {"pixels", 3000, 12, 13, 11, 12},
};

Row made_up(const Shape& shape, std::uint64_t seed) {
  std::uint64_t draws = 0;
  const auto between = [&](double low, double high) {
    return static_cast<std::int64_t>(
        std::exp2(low + (high - low) * random_uniform(seed, 0, draws++)));
  };
  constexpr Category kUsed[] = {Category::forward, Category::backward, Category::wait};
  Row row;
  std::int64_t now_ns = 0;
  for (int i = 0; i < shape.stretches; ++i) {
    now_ns += between(shape.least_gap_log2, shape.most_gap_log2);
    const std::int64_t end_ns = now_ns + between(shape.shortest_log2, shape.longest_log2);
    row.add({now_ns, end_ns, kUsed[i % 3], i});
    now_ns = end_ns;
  }
  return row;
}

// A burst of 20,000 short stretches inside 0.1 % of the time, long silence around it.
Row burst() {
  Row row;
  row.add({0, 1000, Category::forward, 0});
  std::int64_t now_ns = 500'000'000;
  for (int i = 1; i <= 20000; ++i, now_ns += 25)
    row.add({now_ns, now_ns + 10, Category::backward, i});
  row.add({1'000'000'000, 1'000'001'000, Category::forward, 20001});
  return row;
}

std::int64_t busy_in(const Row& row, const ViewRange& range) {
  std::int64_t busy = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto begin = std::max(row.begin_ns(i), static_cast<std::int64_t>(range.begin_ns));
    const auto end = std::min(row.end_ns(i), static_cast<std::int64_t>(range.end_ns));
    busy += std::max<std::int64_t>(0, end - begin);
  }
  return busy;
}

double ink_of(const std::vector<Bar>& bars) {
  double ink = 0;
  for (const Bar& b : bars) ink += (b.x1 - b.x0) * (b.y1 - b.y0) * b.cover;
  return ink;
}

// Whole, then ever closer around the given share of the row.
std::vector<ViewRange> zooms(const Row& row, double around) {
  std::vector<ViewRange> views;
  const double whole = static_cast<double>(row.end_ns(row.size() - 1));
  for (double length = whole; length >= 256; length /= 3.3) {
    const double begin = std::floor(around * (whole - length));
    views.push_back({begin, begin + std::ceil(length)});
  }
  return views;
}

void check_row(const Row& row) {
  constexpr int kWidth = 700, kHeight = 20;
  const Pyramid pyramid(row);
  std::vector<Bar> bars;
  for (const double around : {0.0, 0.37, 0.5, 1.0}) {
    for (const ViewRange& view : zooms(row, around)) {
      bars_of(row, pyramid, {.range = view, .x0 = 100, .width = kWidth}, kHeight, bars);
      const double busy = static_cast<double>(busy_in(row, view)) / view.length_ns();
      INFO("view " << view.begin_ns << " .. " << view.end_ns);
      CHECK(std::abs(ink_of(bars) / (kWidth * kHeight) - busy) < 0.01);
      CHECK(bars.size() <= (row.inks().size() + 2) * (kWidth + 2));
      const auto is_inside = [](const Bar& b) {
        return b.x0 >= 100 && b.x1 <= 100 + kWidth && b.x0 < b.x1 && b.y0 >= 0 && b.y1 <= kHeight;
      };
      CHECK(std::all_of(bars.begin(), bars.end(), is_inside));
    }
  }
}

}  // namespace

TEST_CASE("on each level of a pyramid every stretch is counted once") {
  for (const Shape& shape : kShapes) {
    const Row row = made_up(shape, 7);
    const Pyramid pyramid(row);
    std::int64_t busy = 0;
    for (std::size_t i = 0; i < row.size(); ++i) busy += row.length_ns(i);
    INFO(shape.name);
    REQUIRE(!pyramid.levels().empty());
    for (const Pyramid::Level& level : pyramid.levels()) {
      std::int64_t sum = 0;
      for (std::size_t bin = 0; bin < level.size(); ++bin)
        for (std::size_t ink = 0; ink < row.inks().size(); ++ink) sum += level.busy_ns(bin, ink);
      for (std::size_t bin = 1; bin < level.size(); ++bin)
        CHECK(level.begin_ns(bin) > level.begin_ns(bin - 1));
      for (const std::uint32_t i : level.long_stretches()) sum += row.length_ns(i);
      CHECK(sum == busy);
      CHECK(std::is_sorted(level.long_stretches().begin(), level.long_stretches().end()));
    }
    CHECK(pyramid.levels().back().size() <= 64);
  }
}

TEST_CASE("a bin holds what its stretches are busy in it, ink by ink") {
  const Row row = made_up(kShapes[2], 3);
  const Pyramid pyramid(row);
  const Pyramid::Level& level = pyramid.levels()[pyramid.levels().size() / 2];
  std::map<std::pair<std::int64_t, int>, std::int64_t> expected;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row.length_ns(i) >= level.width_ns()) continue;
    for (std::int64_t t = row.begin_ns(i); t < row.end_ns(i);) {
      const std::int64_t edge =
          std::min(row.end_ns(i), (t / level.width_ns() + 1) * level.width_ns());
      expected[{t / level.width_ns(), row.ink(i)}] += edge - t;
      t = edge;
    }
  }
  std::map<std::pair<std::int64_t, int>, std::int64_t> found;
  for (std::size_t b = 0; b < level.size(); ++b)
    for (std::size_t ink = 0; ink < row.inks().size(); ++ink)
      if (const std::int64_t ns = level.busy_ns(b, ink); ns > 0)
        found[{level.begin_ns(b) / level.width_ns(), static_cast<int>(ink)}] = ns;
  CHECK(found == expected);
}

TEST_CASE("drawn ink is the busy share at every zoom") {
  for (const Shape& shape : kShapes)
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      INFO(shape.name << " " << seed);
      check_row(made_up(shape, seed));
    }
  check_row(burst());
}

TEST_CASE("long stretches are found at every length, without walking over the short ones") {
  const Row row = made_up(kShapes[2], 9);
  const Pyramid pyramid(row);
  const double begin = 1e6, end = static_cast<double>(row.end_ns(row.size() - 1)) / 2;
  for (double least = 1; least < 1e6; least *= 3) {
    std::vector<std::size_t> found, expected;
    std::size_t steps = 0;
    pyramid.each_long(row, least, begin, end, [&](std::size_t i) {
      ++steps;
      if (static_cast<double>(row.length_ns(i)) >= least) found.push_back(i);
    });
    for (std::size_t i = 0; i < row.size(); ++i)
      if (static_cast<double>(row.length_ns(i)) >= least &&
          static_cast<double>(row.end_ns(i)) > begin && static_cast<double>(row.begin_ns(i)) < end)
        expected.push_back(i);
    CHECK(found == expected);
    if (least > static_cast<double>(pyramid.levels()[0].width_ns()))
      CHECK(static_cast<double>(steps) <= (end - begin) / (least / 2) + 2);
  }
}

TEST_CASE("bins wider than 32 bits of ns count exactly") {
  Row row;
  std::int64_t busy = 0, now = 0;
  for (int i = 0; i < 4000; ++i, now += 3'000'000'000) {
    row.add({now, now + 2'000'000'001, i % 2 ? Category::forward : Category::backward, i});
    busy += 2'000'000'001;
  }
  const Pyramid pyramid(row);
  for (const Pyramid::Level& level : pyramid.levels()) {
    std::int64_t sum = 0;
    for (std::size_t bin = 0; bin < level.size(); ++bin)
      sum += level.busy_ns(bin, 0) + level.busy_ns(bin, 1);
    for (const std::uint32_t i : level.long_stretches()) sum += row.length_ns(i);
    CHECK(sum == busy);
  }
}

TEST_CASE("a wide stretch is one bar that knows it") {
  const Row row = made_up(kShapes[0], 1);
  const Stretch first = row[0];
  std::vector<Bar> bars;
  const ViewRange view{static_cast<double>(first.begin_ns), static_cast<double>(first.end_ns)};
  bars_of(row, Pyramid(row), {.range = view, .x0 = 0, .width = 100}, 20, bars);
  REQUIRE(bars.size() == 1);
  CHECK(bars[0].stretch == 0);
  CHECK(bars[0].x0 == 0);
  CHECK(bars[0].x1 == 100);
}

TEST_CASE("views beyond the row and far inside it are empty or whole, never wrong") {
  Row row;
  row.add({0, 1'000'000'000'000'000, Category::forward, 0});  // eleven days
  std::vector<Bar> bars;
  const Pyramid pyramid(row);
  bars_of(row, pyramid, {.range = {1e17, 1e17 + 16}, .x0 = 0, .width = 100}, 20, bars);
  CHECK(bars.empty());
  bars_of(row, pyramid, {.range = {5e14, 5e14 + 16}, .x0 = 50, .width = 100}, 20, bars);
  REQUIRE(bars.size() == 1);
  CHECK(bars[0].x0 == 50);
  CHECK(bars[0].x1 == 150);
}

TEST_CASE("panning by whole bins moves the bars and changes nothing else") {
  const Row row = made_up(kShapes[0], 5);
  const Pyramid pyramid(row);
  const Pyramid::Level& level = pyramid.levels()[2];
  const double width_ns = static_cast<double>(level.width_ns());
  std::vector<Bar> a, b;
  const double begin = 1000 * width_ns;
  bars_of(row, pyramid, {.range = {begin, begin + 500 * width_ns}, .x0 = 0, .width = 500}, 16, a);
  bars_of(row, pyramid,
          {.range = {begin + 3 * width_ns, begin + 503 * width_ns}, .x0 = 0, .width = 500}, 16, b);
  // Compare column by column where both show the row.
  const auto column = [](const std::vector<Bar>& bars, float x) {
    double ink = 0;
    for (const Bar& bar : bars)
      if (bar.x0 <= x && x < bar.x1) ink += (bar.y1 - bar.y0) * bar.cover;
    return ink;
  };
  for (int x = 3; x < 500; ++x)
    CHECK(column(a, static_cast<float>(x) + 0.5F) == column(b, static_cast<float>(x) - 2.5F));
}

}  // namespace shardpipe::viz
