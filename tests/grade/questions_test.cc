// What predict exercises ask is computed by the kit; here it is held against formulas.
#include "labs/grade/questions.h"

#include <cmath>

#include "core/base/error.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

double answer(const std::string& exercise, const std::string& key) {
  for (const Question& q : questions_of(exercise))
    if (q.key == key) return q.answer;
  fail("no question " + key);
}

// But for the roundings of a few operations on doubles.
bool is_near(double a, double b) { return std::abs(a / b - 1) < 1e-12; }

}  // namespace

TEST_CASE("five all-reduces: steps and bytes are those of the table in all_reduce.h") {
  const double n = 32, lg = 5, bytes = 1 << 22;
  struct Row {
    const char* name;
    double steps, sent;
  };
  for (const Row& row :
       {Row{"naive", n, (n - 1) * bytes}, Row{"ring", 2 * (n - 1), 2 * (n - 1) / n * bytes},
        Row{"recursive_doubling", lg, lg * bytes}, Row{"binomial_tree", 2 * lg, lg * bytes},
        Row{"two_shot", 2, 2 * (n - 1) / n * bytes}}) {
    INFO(row.name);
    CHECK(answer("day01_five_algorithms", std::string(row.name) + "_steps") == row.steps);
    CHECK(answer("day01_five_algorithms", std::string(row.name) + "_bytes") == row.sent);
  }
}

TEST_CASE("tree or ring: they cross where the steps saved cost what the bytes lose") {
  struct Size {
    const char* key;
    double n, lg;
  };
  for (const Size& size : {Size{"crossing_bytes_8", 8, 3}, Size{"crossing_bytes_64", 64, 6}}) {
    const double saved_s = 2 * (size.n - 1 - size.lg) * 5e-6;
    const double lost_s_a_byte = 2 * (size.n - 1) / size.n * (1 / 60e9 - 1 / 100e9);
    CHECK(is_near(answer("day01_tree_or_ring", size.key), saved_s / lost_s_a_byte));
  }
  CHECK(is_near(answer("day01_tree_or_ring", "crossing_of_twice_alpha"), 2));
}

TEST_CASE("a guess is named only where it is one") {
  for (const Question& q : questions_of("day01_tree_or_ring")) {
    INFO(q.key);
    CHECK(q.accepts(q.answer));
    CHECK(q.guess_of(q.answer) == nullptr);
    CHECK_FALSE(q.accepts(q.answer * (1 + 2 * q.tolerance) + 1e-3));
  }
}

}  // namespace shardpipe
