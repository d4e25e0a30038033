// The numbers that answers are tried on, and what is read from a wrong sum of them.
#include "labs/grade/data.h"

#include <cmath>
#include <limits>
#include <set>

#include "tests/support/catch.h"

namespace shardpipe {

TEST_CASE("data: a sum under `who` says which ranks it is made of") {
  CHECK(ranks_in(1 + 8 + 64, 3) == "made of rank 0 once, rank 1 once, rank 2 once");
  CHECK(ranks_in(1 + 2 * 64, 3) == "made of rank 0 once, rank 2 twice; missing: rank 1");
  CHECK(ranks_in(5 * 8, 4) == "made of rank 1 5 times; missing: rank 0, rank 2, rank 3");
  CHECK(ranks_in(64, 3, Missing::is_fine) == "made of rank 2 once");
  CHECK(ranks_in(0, 3) == "nothing is in it");
  const std::vector<Term> terms = {{"a", true}, {"b", true}, {"another group's", false}};
  CHECK(terms_in(1 + 8, terms) == "made of a once, b once");
  CHECK(terms_in(1 + 9 * 8, terms) ==
        "made of a once, b once, another group's once, or of fewer terms 8 times and more");
}

TEST_CASE("data: what is no sum under `who` is not read as one") {
  CHECK(ranks_in(-1, 3) == "");
  CHECK(ranks_in(1.5, 3) == "");
  CHECK(ranks_in(8 * 8 * 8, 3) == "");  // a fourth rank's
  CHECK(ranks_in(std::numeric_limits<double>::quiet_NaN(), 3) == "");
  CHECK(ranks_in(std::numeric_limits<double>::infinity(), 3) == "");
}

TEST_CASE("data: the probes are what their names say") {
  for (int rank = 0; rank < 4; ++rank) {
    CHECK(number_of(Data::where, 1, rank, 6) == 7);
    CHECK(number_of(Data::who, 1, rank, 0) == number_of(Data::who, 2, rank, 9));
  }
  CHECK(number_of(Data::who, 1, 3, 0) == 512);
}

TEST_CASE("data: random numbers differ by rank, place and seed, and fit their range") {
  for (const Data data : {Data::integers, Data::reals}) {
    const std::vector<float> a = numbers_of(data, 7, 0, 50);
    CHECK(a == numbers_of(data, 7, 0, 50));
    CHECK(a != numbers_of(data, 7, 1, 50));
    CHECK(a != numbers_of(data, 8, 0, 50));
    CHECK(std::set<float>(a.begin(), a.end()).size() > 10);
    for (const float x : a) {
      CHECK(std::abs(x) <= (data == Data::integers ? 9 : 1));
      if (data == Data::integers) CHECK(x == std::floor(x));
    }
  }
}

}  // namespace shardpipe
