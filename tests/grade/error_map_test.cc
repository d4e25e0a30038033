// Numbers of all ranks against what is wanted: the first wrong one in a sentence, all in a map.
#include "labs/grade/error_map.h"

#include <limits>

#include "tests/support/catch.h"
#include "tests/support/refuses.h"

namespace shardpipe {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Every rank wants 1 2 3 4 in x, within the bound.
DeviceCase wants_1234(double bound) {
  DeviceCase c{.name = "case"};
  c.want = [=](int) {
    return std::map<std::string, Wanted64>{{"x", {.values = {1, 2, 3, 4}, .bound = bound}}};
  };
  return c;
}

std::vector<HeldNumbers> held(const std::vector<float>& values, const Shape& shape = {4}) {
  return {{"x", shape, values}};
}

}  // namespace

TEST_CASE("error map: right numbers are counted and not mentioned") {
  const Difference d = compare({held({1, 2, 3, 4}), held({1, 2, 3, 4})}, wants_1234(0));
  CHECK(d.compared == 2);
  CHECK(d.said == "");
  CHECK(d.picture.empty());
}

TEST_CASE("error map: the first wrong number, its ratio, and a row for every rank") {
  const Difference d = compare({held({1, 2, 3, 4}), held({1, 2, 6, kNaN})}, wants_1234(0));
  CHECK(d.said == "rank 1, x[2]: got 6, want 3, ratio 2");
  CHECK(d.picture == std::vector<std::string>{"rank 0  x  ....", "rank 1  x  ..x?"});
}

TEST_CASE(
    "error map: tensors that are right everywhere are left out, names stand under each other") {
  DeviceCase c = wants_1234(0);
  c.want = [](int) {
    const Wanted64 one{.values = {1}};
    return std::map<std::string, Wanted64>{{"in", one}, {"grad", one}, {"y", one}};
  };
  const auto held_by_rank = [](float grad, float y) {
    return std::vector<HeldNumbers>{{"in", {1}, {1}}, {"grad", {1}, {grad}}, {"y", {1}, {y}}};
  };
  CHECK(compare({held_by_rank(1, 1), held_by_rank(2, 2)}, c).picture ==
        std::vector<std::string>{"rank 0  grad  .", "rank 0  y     .", "rank 1  grad  x",
                                 "rank 1  y     x"});
}

TEST_CASE("error map: what nobody wrote has no ratio") {
  const Difference d = compare({held({kNaN, 2, 3, 4})}, wants_1234(0));
  CHECK(d.said == "rank 0, x[0]: got NaN, which nobody wrote, want 1");
}

TEST_CASE("error map: a matrix is shown row by row, and a number by its indices") {
  const Difference d = compare({held({1, 2, 3, 5}, {2, 2})}, wants_1234(0));
  CHECK(d.said == "rank 0, x[1][1]: got 5, want 4, ratio 1.25");
  CHECK(d.picture == std::vector<std::string>{"rank 0  x  ..|.x"});
}

TEST_CASE("error map: within the bound is right, at it too, and beyond it says so") {
  CHECK(compare({held({1.5, 2, 3, 4})}, wants_1234(0.5)).said == "");
  CHECK(compare({held({2, 2, 3, 4})}, wants_1234(0.5)).said ==
        "rank 0, x[0]: got 2, want 1 within 0.5, ratio 2");
}

TEST_CASE("error map: an explanation stands where the ratio would") {
  DeviceCase c = wants_1234(0);
  c.explain = [](int rank, const std::string& name, std::size_t index, double got) {
    return text(rank, name, index, "=", got);
  };
  CHECK(compare({held({1, 7, 3, 4})}, c).said == "rank 0, x[1]: got 7, want 2; 0x1=7");
}

TEST_CASE("error map: a long tensor is shown in stretches") {
  DeviceCase c{.name = "case"};
  c.want = [](int) {
    return std::map<std::string, Wanted64>{{"x", {.values = std::vector<double>(480, 0)}}};
  };
  std::vector<float> values(480, 0);
  values[475] = 1;
  const Difference d = compare({held(values, {480})}, c);
  CHECK(d.picture == std::vector<std::string>{"rank 0  x  " + std::string(47, '.') + "x"});
}

TEST_CASE("error map: another number of numbers is a fault of the kit") {
  CHECK_THROWS_WITH(compare({held({1, 2, 3}, {3})}, wants_1234(0)),
                    "case: x has 3 numbers, want 4");
}

TEST_CASE("error map: signatures hold exact numbers only") {
  CHECK(words_of(held({1, kNaN, 3, 4})[0], wants_1234(0)) == "x: 1 NaN 3 4\n");
  CHECK(words_of(held({1, 2, 3, 4})[0], wants_1234(0.5)) == "");
}

TEST_CASE("error map: a tensor has as many numbers as are wanted") {
  const auto refused = [](const std::vector<float>& values) {
    return refuses("numbers, want 4", [&] { compare({held(values)}, wants_1234(0)); });
  };
  CHECK(!refused({1, 2, 3, 4}));
  CHECK(refused({1, 2, 3}));
  CHECK(refused({1, 2, 3, 4, 5}));
}

}  // namespace shardpipe
