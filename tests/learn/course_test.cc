// The tables of docs/course.md. That the page in the checkout holds them as they should be is what
// `lab dev gen --check` tests.
#include "labs/learn/course.h"

#include "core/base/error.h"
#include "labs/lab.h"
#include "labs/learn/mistakes.h"
#include "tests/support/catch.h"

namespace shardpipe {
namespace {

std::string table(const std::string& name) {
  return made_course("<!-- course: " + name + " -->\n<!-- end -->\n");
}

bool holds(const std::string& page, const std::string& words) {
  return page.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("course: what stands outside of tables stays, and writing twice changes nothing") {
  CHECK(made_course("no table\n") == "no table\n");
  const std::string page = "before\n<!-- course: days -->\nold\n<!-- end -->\nbehind\n";
  const std::string made = made_course(page);
  CHECK(made.rfind("before\n<!-- course: days -->\n", 0) == 0);
  CHECK(holds(made, "<!-- end -->\nbehind\n"));
  CHECK_FALSE(holds(made, "old"));
  CHECK(made_course(made) == made);
}

TEST_CASE("course: every lab, the points of an exercise, a question by its number") {
  const std::string days = table("days");
  for (const Lab& lab : all_labs()) CHECK(holds(days, "`" + lab.name + "`"));
  CHECK(holds(table("exercises"),
              "| MLP, forward and backward | implement | 40 | correctness 60, communication 30, "
              "memory 10 | `tp-mlp` |"));
  const std::string mistakes = table("mistakes");
  CHECK(holds(mistakes, "`day02_bias_t_times` · [quiz day02](quiz/day02.toml), question 2"));
  CHECK(holds(mistakes, "[Folklore](memory.md#folklore)"));
  CHECK(holds(mistakes, "[Q \\| K \\| V]"));
}

TEST_CASE("course: a table that nobody writes, and one without its end") {
  CHECK_THROWS_AS(table("nights"), Error);
  CHECK_THROWS_AS(made_course("<!-- course: days -->\n"), Error);
  CHECK_THROWS_AS(made_course("<!-- course: days\n<!-- end -->\n"), Error);
}

}  // namespace shardpipe
